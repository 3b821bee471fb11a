using System.Globalization;
using System.Text.RegularExpressions;

namespace Midflight.Histories;

/// <summary>Prints what came of all pairs.</summary>
internal static partial class Report
{
    private static readonly (PairKind Kind, string Text)[] s_rows =
    [
        (PairKind.Converts, "converts with no line written, nothing lost"),
        (PairKind.Drops, "the same, and the plan says which member is gone"),
        (PairKind.Refused, "refused"),
        (PairKind.Lost, "converts, and something is lost or not given without a word"),
        (PairKind.Ended, "ends the process, or does not end"),
    ];

    /// <summary>Prints the table, and the refusals by reason.</summary>
    public static void Print(IReadOnlyList<PairOutcome> outcomes, bool isLong)
    {
        foreach (var outcome in outcomes.Where(outcome => isLong || outcome.Kind is PairKind.Lost or PairKind.Ended))
        {
            Console.WriteLine($"{outcome.Kind}: {outcome.Step} {outcome.Type}: {outcome.Why.ReplaceLineEndings(" ")}");
        }

        var tried = outcomes.Where(outcome => outcome.Kind != PairKind.Untried).ToList();
        var data = tried.Where(outcome => outcome.IsDataLike).ToList();
        Console.WriteLine();
        Console.WriteLine($"{tried.Count} changed pairs of {tried.Select(outcome => outcome.Type).Distinct().Count()} types; {data.Count} pairs hold data only; {outcomes.Count - tried.Count} pairs could not be tried.");
        Console.WriteLine();
        Console.WriteLine("| verdict | all | data-like types only |");
        Console.WriteLine("| --- | --- | --- |");

        foreach (var (kind, text) in s_rows)
        {
            Console.WriteLine($"| {text} | {Share(tried, kind)} | {Share(data, kind)} |");
        }

        Console.WriteLine();
        Console.WriteLine("| refusal | pairs | packages |");
        Console.WriteLine("| --- | --- | --- |");

        foreach (var group in tried.Where(outcome => outcome.Kind == PairKind.Refused).GroupBy(outcome => Reason(outcome.Why)).OrderByDescending(group => group.Count()))
        {
            Console.WriteLine($"| {group.Key} | {group.Count()} | {group.Select(outcome => outcome.Step.Split(' ')[0]).Distinct().Count()} |");
        }
    }

    private static string Share(List<PairOutcome> outcomes, PairKind kind)
    {
        var count = outcomes.Count(outcome => outcome.Kind == kind);
        return outcomes.Count == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{count} ({100.0 * count / outcomes.Count:0.0} %)");
    }

    // The refusal without the names in it and without what to write.
    private static string Reason(string why)
    {
        var text = why.Split(". ")[0].Replace('|', '/');
        var words = text.Split(' ');
        var from = Array.FindIndex(words, word => word is "is" or "was" or "derives" or "cannot" or "could" or "has" or "may" or "holds");
        return from < 0 ? Shorter(text) : Shorter(Name().Replace(string.Join(' ', words[from..]), "T"));
    }

    private static string Shorter(string text) => text.Length > 120 ? text[..120] + "…" : text;

    [GeneratedRegex(@"[A-Z][\w.]*(<[^ ]*>)?[?\[\]]*|\b(string|int|bool|long|object|byte|double|short|uint)\b[?\[\]]*|_\w+")]
    private static partial Regex Name();
}
