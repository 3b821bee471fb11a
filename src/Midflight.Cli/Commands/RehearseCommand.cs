using System.CommandLine;
using Midflight.Host;
using Midflight.Releases.Builds;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight rehearse</c>: what an upgrade would do with the values of a snapshot. Needs no node.</summary>
internal static class RehearseCommand
{
    // Beside 0, and 1 for what could not be rehearsed at all.
    private const int WouldFail = 2;
    private const int WouldLose = 3;

    public static Command Create()
    {
        var snapshot = new Argument<string>("FILE") { Description = "A snapshot that `bin/NAME snapshot` wrote." };
        var release = new Argument<string>("RELEASE") { Description = "The release to upgrade to: its folder or its .tar.gz." };
        var losses = Verb.LossOption();
        var json = Verb.JsonOption();
        return Verb.Create(
            "rehearse", "Show what an upgrade would do to the values of a snapshot. Ends with 0 if all goes well, 2 if the upgrade would fail, 3 if it would lose something, 1 if there is no answer.",
            async (result, _) =>
            {
                var temporary = Directory.CreateTempSubdirectory("midflight-rehearse-").FullName;

                try
                {
                    var to = EarlierRelease.Find(result.GetRequiredValue(release), "", temporary);
                    var report = await SnapshotRehearsal.Run(result.GetRequiredValue(snapshot), to.Layout, to.Version);

                    if (result.GetValue(json))
                    {
                        Output.Json(report);
                    }
                    else
                    {
                        Print(report);
                    }

                    return !report.Problems.IsEmpty ? WouldFail : !report.Losses.IsEmpty && !result.GetValue(losses) ? WouldLose : 0;
                }
                finally
                {
                    Directory.Delete(temporary, recursive: true);
                }
            },
            snapshot, release, losses, json);
    }

    private static void Print(RehearsalReport report)
    {
        Output.Line($"{report.From} of {report.Taken:u} to {report.To}: {report.Processes} processes, {report.Messages} messages, {report.Stored} stored values, in {report.Milliseconds:0} ms.");

        foreach (var module in report.Modules)
        {
            Output.Line($"  {module.Application} {module.Module}: {module.Processes} × {module.Becomes}, {module.Milliseconds:0.0} ms, the slowest {module.Longest:0.0} ms");
        }

        foreach (var note in report.Notes)
        {
            Output.Line($"note: {note}");
        }

        foreach (var left in report.LeftOut)
        {
            Output.Line($"not in the snapshot: {left}");
        }

        foreach (var loss in report.Losses)
        {
            Output.Error($"loss: {loss}");
        }

        foreach (var problem in report.Problems)
        {
            Output.Error($"problem: {problem}");
        }
    }
}
