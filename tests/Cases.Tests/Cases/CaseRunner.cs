using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Midflight.Cases;

/// <summary>Runs cases in a process of its own, and begins another one behind a case that ended it or that does not end.</summary>
internal static class CaseRunner
{
    // What no case needs, whatever else the machine does.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(120);

    /// <summary>Runs the cases of files and folders.</summary>
    /// <returns>What came of each, in their order.</returns>
    public static async Task<IReadOnlyList<CaseOutcome>> Run(IReadOnlyList<string> names)
    {
        var cases = CaseFiles.Read(names);
        var outcomes = new List<CaseOutcome>();

        while (outcomes.Count < cases.Count)
        {
            if (await RunFrom(names, outcomes) is { } ended)
            {
                outcomes.Add(new(cases[outcomes.Count].Name, OutcomeKind.Wrong, ended));
            }
        }

        return outcomes;
    }

    // Returns how the process came to its end, if a case was under way.
    private static async Task<string?> RunFrom(IReadOnlyList<string> names, List<CaseOutcome> outcomes)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CaseRunner).Assembly.Location, "--child", .. names, "--from", outcomes.Count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var child = System.Diagnostics.Process.Start(start)!;
        var last = new ConcurrentQueue<string>();
        child.ErrorDataReceived += (_, line) => last.Enqueue(line.Data ?? "");
        child.BeginErrorReadLine();

        while (true)
        {
            string? line;

            try
            {
                line = await child.StandardOutput.ReadLineAsync().WaitAsync(s_longest);
            }
            catch (TimeoutException)
            {
                child.Kill();
                await child.WaitForExitAsync();
                return $"did not end within {s_longest.TotalSeconds:0} s";
            }

            if (line is null)
            {
                await child.WaitForExitAsync();
                return child.ExitCode == 0 ? null : $"ended the process: {last.FirstOrDefault(text => text.Length > 0)}";
            }

            if (line.StartsWith(CaseChild.Mark, StringComparison.Ordinal)
                && JsonSerializer.Deserialize<CaseChild.Line>(line[CaseChild.Mark.Length..]) is { Outcome: { } outcome })
            {
                outcomes.Add(outcome);
            }
        }
    }
}
