using System.CommandLine;
using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>check</c>: plans an upgrade and rehearses it on the live states; changes nothing.</summary>
internal static class CheckCommand
{
    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument(target, "The release to check.");
        var restart = Verb.RestartOption();
        var loss = Verb.LossOption();
        var together = Verb.TogetherOption();
        var json = Verb.JsonOption();
        return Verb.Create(
            "check", "Plan an upgrade and rehearse it on the live states, without changing anything.",
            async (result, cancellation) =>
            {
                var quiet = result.GetValue(json);
                var reply = await Verb.Ask<CheckRequest, CheckReply>(
                    target, new(result.GetRequiredValue(version), result.GetValue(restart), result.GetValue(loss), result.GetValue(together)), quiet, cancellation);
                if (quiet)
                {
                    Output.Json(reply);
                }
                else
                {
                    Print(reply);
                }

                return reply.Problems.IsEmpty ? 0 : 1;
            },
            version, restart, loss, together, json);
    }

    private static void Print(CheckReply reply)
    {
        Output.Line(string.Create(CultureInfo.InvariantCulture,
            $"{reply.From} to {reply.To}: {reply.Verdict}, {reply.Processes:N0} processes, {reply.Rehearsed:N0} conversions rehearsed"));
        foreach (var change in reply.Changes)
        {
            Output.Line(PlanText.Line(change.Change, change.Module ?? change.Application, change.Reason));
        }

        foreach (var note in reply.Notes)
        {
            Output.Line($"note: {note}");
        }

        foreach (var problem in reply.Problems)
        {
            Output.Error($"problem: {problem}");
        }
    }
}
