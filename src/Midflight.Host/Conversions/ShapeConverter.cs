using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Takes objects over member by member, in code that is compiled at the first one.</summary>
internal sealed class ShapeConverter(Type from, Type to, Func<ConverterTable, FieldPlan> plan) : Converter
{
    private FieldPlan? _plan;
    private Func<object, Crossing, object>? _run;

    public override object? Convert(object value, Crossing crossing) =>
        crossing.Tracks && !RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? crossing.OnFreshStack(this, value)
            : (_run ??= ShapeCompiler.Compile(Plan(crossing.Table)))(value, crossing);

    public override bool MayMeetAgain(ConverterTable table, HashSet<Converter> met, bool many) =>
        (!from.IsValueType && (many || !met.Add(this))) || from.IsAssignableTo(typeof(Exception)) || BaseState.Of(from) is not null || Plan(table).Moves.Any(move => move.Converter.MayMeetAgain(table, met, many));

    private FieldPlan Plan(ConverterTable table) => _plan ??= plan(table);

    public override string ToString() => $"{from} to {to}";
}
