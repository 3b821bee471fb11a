using Xunit.Abstractions;

namespace Midflight.Cases;

/// <summary>Pairs of types that programs have been seen to have, each of them once got wrong.</summary>
public sealed class CaseTests(ITestOutputHelper output)
{
    // Cases which are not right yet. A line goes when its case is.
    private static readonly string[] s_open = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Cases", "open.list"));

    [Fact]
    public async Task What_new_code_says_of_each_value_is_right_or_the_upgrade_is_refused()
    {
        var outcomes = await CaseRunner.Run(CaseFiles.Named());

        foreach (var line in CaseReport.Lines(outcomes))
        {
            output.WriteLine(line);
        }

        // Others than the project's own may ask for a value where there is none.
        var least = CaseFiles.AreOthers ? OutcomeKind.Refused : OutcomeKind.Right;
        var bad = outcomes.Where(outcome => outcome.Kind > least && (CaseFiles.AreOthers || !s_open.Contains(outcome.Name))).ToList();
        Assert.True(bad.Count == 0, string.Join(Environment.NewLine, CaseReport.Lines(bad).SkipLast(1).Concat(CaseReport.Lines(outcomes).TakeLast(1))));
    }
}
