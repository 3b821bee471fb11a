using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes objects over member by member, in code that is compiled at the first one.</summary>
internal sealed class ShapeConverter(Type from, Type to, Func<ConverterTable, FieldPlan> plan) : Converter
{
    private FieldPlan? _plan;
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

    public override object? Convert(object value, Crossing crossing) =>
        crossing.Tracks && !RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? crossing.OnFreshStack(this, value)
            : (_run ??= ShapeCompiler.Compile(Plan(crossing.Table)))(value, crossing);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) =>
        (!from.IsValueType && (many || !met.Add(this))) || from.IsAssignableTo(typeof(Exception)) || BaseState.Of(from) is not null || Plan(table).Moves.Any(move => move.Converter.MayMeetAgain(table, met, many));

    private FieldPlan Plan(ConverterTable table) => _plan ??= plan(table);

    public override string ToString() => $"{from} to {to}";
}
