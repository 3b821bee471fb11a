using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Midflight.Cases;

/// <summary>Runs cases in a process of its own, and begins another one behind a case that ended it or that does not end.</summary>
internal static class CaseRunner
{
    // What no case needs: of a processor, and of time where others use the machine too.
    private static readonly TimeSpan s_mostWork = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(8);

    /// <summary>Runs the cases of files and folders, in as many processes as there are processors, but four at most.</summary>
    /// <returns>What came of each, in their order.</returns>
    public static async Task<IReadOnlyList<CaseOutcome>> Run(IReadOnlyList<string> names)
    {
        var cases = CaseFiles.Read(names);
        var shares = Math.Clamp(Environment.ProcessorCount, 1, 4);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, shares).Select(share => Share(names, cases, cases.Count * share / shares, cases.Count * (share + 1) / shares)));
        return [.. outcomes.SelectMany(share => share)];
    }

    private static async Task<List<CaseOutcome>> Share(IReadOnlyList<string> names, IReadOnlyList<Trial> cases, int first, int end)
    {
        var outcomes = new List<CaseOutcome>();

        while (first + outcomes.Count < end)
        {
            if (await RunFrom(names, first + outcomes.Count, end, outcomes) is { } ended)
            {
                outcomes.Add(new(cases[first + outcomes.Count].Name, OutcomeKind.Wrong, ended));
            }
        }

        return outcomes;
    }

    // Returns how the process came to its end, if a case was under way.
    private static async Task<string?> RunFrom(IReadOnlyList<string> names, int first, int end, List<CaseOutcome> outcomes)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CaseRunner).Assembly.Location, "--child", .. names, "--range", Text(first), Text(end)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var child = System.Diagnostics.Process.Start(start)!;
        var last = new ConcurrentQueue<string>();
        child.ErrorDataReceived += (_, line) => last.Enqueue(line.Data ?? "");
        child.BeginErrorReadLine();

        while (true)
        {
            var next = child.StandardOutput.ReadLineAsync();

            if (await Stuck(child, next))
            {
                child.Kill();
                await child.WaitForExitAsync();
                return $"did not end within {s_mostWork.TotalSeconds:0} s of work or {s_longest.TotalMinutes:0} minutes";
            }

            var line = await next;

            if (line is null)
            {
                await child.WaitForExitAsync();
                return child.ExitCode == 0 ? null : $"ended the process: {last.FirstOrDefault(text => text.Length > 0)}";
            }

            if (line.StartsWith(CaseChild.Mark, StringComparison.Ordinal))
            {
                outcomes.Add(JsonSerializer.Deserialize<CaseOutcome>(line[CaseChild.Mark.Length..])!);
                await Console.Error.WriteLineAsync($"{outcomes[^1].Kind}: {outcomes[^1].Name}");
            }
        }
    }

    private static async Task<bool> Stuck(System.Diagnostics.Process child, Task next)
    {
        var (begun, before) = (Stopwatch.StartNew(), WorkOf(child));

        while (await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(1))) != next)
        {
            if (begun.Elapsed > s_longest || WorkOf(child) - before > s_mostWork)
            {
                return true;
            }
        }

        return false;
    }

    // It may end at any moment, and has no figures then.
    private static TimeSpan WorkOf(System.Diagnostics.Process child)
    {
        try
        {
            return child.HasExited ? TimeSpan.Zero : child.TotalProcessorTime;
        }
        catch (InvalidOperationException)
        {
            return TimeSpan.Zero;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
