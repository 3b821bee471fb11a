using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Midflight.Histories;

/// <summary>Tries the pairs of a step in a process of its own, and goes on in another one behind a pair that ended it.</summary>
internal static class StepRunner
{
    /// <summary>Tries all pairs of a step.</summary>
    public static async Task<IReadOnlyList<PairOutcome>> Run(Step step)
    {
        var outcomes = new List<PairOutcome>();
        int? count = null;

        while (count is null || outcomes.Count < count)
        {
            var (isDone, all, last, error) = await RunFrom(step, outcomes);
            count = all ?? count;

            if (count is null)
            {
                Console.Error.WriteLine($"{step} could not be tried: {error}");
                return [];
            }

            if (!isDone && outcomes.Count < count)
            {
                outcomes.Add(new(step.ToString(), last ?? "?", false, PairKind.Ended, error));
            }
        }

        return outcomes;
    }

    private static async Task<(bool IsDone, int? Count, string? Last, string Error)> RunFrom(Step step, List<PairOutcome> outcomes)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(StepRunner).Assembly.Location, "--child", step.ToJson(), outcomes.Count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var child = System.Diagnostics.Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        int? count = null;
        string? last = null;

        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(StepChild.Mark, StringComparison.Ordinal))
            {
                continue;
            }

            var text = line[StepChild.Mark.Length..];

            if (text[0] == '{')
            {
                outcomes.Add(JsonSerializer.Deserialize<PairOutcome>(text)!);
            }
            else if (text[0] == '"')
            {
                last = JsonSerializer.Deserialize<string>(text);
            }
            else
            {
                count = int.Parse(text, CultureInfo.InvariantCulture);
            }
        }

        await child.WaitForExitAsync();
        var error = (await errors).Split('\n').FirstOrDefault(text => text.Trim().Length > 0) ?? "";
        return (child.ExitCode == 0, count, last, error);
    }
}
