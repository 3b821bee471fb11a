using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes objects over member by member, in code that is compiled at the first one.</summary>
internal sealed class ShapeConverter(Type from, Type to, Func<ConverterTable, FieldPlan> plan) : Converter
{
    private Planned? _plan;
    private Func<object, Crossing, object>? _run;

    /// <summary>What takes a hot type over into another member by member, whatever is written.</summary>
    /// <param name="change">What becomes of the members.</param>
    /// <param name="from">The old type.</param>
    /// <param name="to">The new type.</param>
    /// <param name="isStep">Whether the result is not yet what the object becomes.</param>
    public static Converter Of(TypeChange change, Type from, Type to, bool isStep = false)
    {
        if (change.Refusals is [var refusal, ..])
        {
            return new RefusingConverter(refusal);
        }

        if (to.IsEnum)
        {
            return new EnumConverter(change, from, to);
        }

        if (InlineArrayConverter.LengthOf(from) is not null && InlineArrayConverter.LengthOf(to) is not null)
        {
            return new InlineArrayConverter(from, to);
        }

        return FieldPlan.Against(from, to) is { } against
            ? new RefusingConverter(against)
            : new ShapeConverter(from, to, table => FieldPlan.Of(change, from, to, table) with { IsStep = isStep });
    }

    public override object? Convert(object value, Crossing crossing)
    {
        var planned = PlannedIn(crossing.Table);

        if (planned.ReadsWhatChanges)
        {
            crossing.NeedOwner();
        }

        return crossing.Tracks && !RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? crossing.OnFreshStack(this, value)
            : (_run ??= ShapeCompiler.Compile(planned.Fields))(value, crossing);
    }

    public override void Compile(ConverterTable table, HashSet<Converter> met, int depth)
    {
        if (depth > 0 && met.Add(this))
        {
            var fields = PlannedIn(table).Fields;
            _run ??= ShapeCompiler.Compile(fields);

            foreach (var move in fields.Moves)
            {
                move.Converter.Compile(table, met, depth - 1);
            }
        }
    }

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) =>
        (!from.IsValueType && (many || !met.Add(this))) || from.IsAssignableTo(typeof(Exception)) || BaseState.Of(from) is not null || PlannedIn(table).Fields.Moves.Any(move => move.Converter.MayMeetAgain(table, met, many));

    private Planned PlannedIn(ConverterTable table) => _plan ??= new(plan(table));

    public override string ToString() => $"{from} to {to}";

    private sealed class Planned(FieldPlan fields)
    {
        public FieldPlan Fields => fields;

        // What a boxed struct holds is a copy already. Of an object, all that is read has to stay as it was made; and of what is dropped its size is read, too.
        public bool ReadsWhatChanges { get; } =
            (!fields.From.IsValueType && (fields.From.IsAssignableTo(typeof(Exception)) || fields.Base is not null || FieldPlan.AllFields(fields.From).Any(field => !field.IsInitOnly)))
            || fields.Lost.Any(lost => !Closed.IsPlace(lost.Field.FieldType) || !Unchanging.IsPlace(lost.Field.FieldType));
    }
}
