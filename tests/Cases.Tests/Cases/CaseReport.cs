namespace Midflight.Cases;

/// <summary>What a run of cases says.</summary>
internal static class CaseReport
{
    /// <summary>What was refused, then what is wrong, then the line that counts: <c>cases: N of M right, R refused, W wrong</c>.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<CaseOutcome> outcomes)
    {
        return
        [
            .. outcomes.Where(outcome => outcome.Kind == OutcomeKind.Told).Select(outcome => $"{outcome.Name}: {outcome.Text}"),
            .. outcomes.Where(outcome => outcome.Kind == OutcomeKind.Refused).Select(outcome => $"refused: {outcome.Name}: {outcome.Text}"),
            .. outcomes.Where(outcome => outcome.Kind == OutcomeKind.Wrong).Select(outcome => $"wrong: {outcome.Name}: {outcome.Text}"),
            $"cases: {Count(OutcomeKind.Right)} of {outcomes.Count - Count(OutcomeKind.Told)} right, {Count(OutcomeKind.Refused)} refused, {Count(OutcomeKind.Wrong)} wrong",
        ];

        int Count(OutcomeKind kind) => outcomes.Count(outcome => outcome.Kind == kind);
    }

    /// <summary>Prints them.</summary>
    /// <returns>1 where something is wrong, else 0.</returns>
    public static int Print(IReadOnlyCollection<CaseOutcome> outcomes)
    {
        foreach (var line in Lines(outcomes))
        {
            Console.WriteLine(line.ReplaceLineEndings(" "));
        }

        return outcomes.Any(outcome => outcome.Kind == OutcomeKind.Wrong) ? 1 : 0;
    }
}
