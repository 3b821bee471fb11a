using System.CommandLine;
using System.Globalization;
using Midflight.Cli.Nodes;
using Midflight.Host;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>upgrade</c>: unpacks if needed, checks, installs, watches, commits.</summary>
internal static class UpgradeCommand
{
    private static readonly string s_longest = InstallSettings.LongestProbation.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument(target, "The release to upgrade to.");
        var noCommit = new Option<bool>("--no-commit")
        {
            Description = "Do not commit the release: the next start uses the previous one.",
        };
        var probation = new Option<double>("--probation")
        {
            Description = $"Seconds to watch the new code before committing it, 0 to {s_longest}. If it fails in that time, it is rolled back. Default: 0.",
            HelpName = "SECONDS",
        };
        probation.Validators.Add(value =>
        {
            if (!(value.GetValueOrDefault<double>() is >= 0 and var seconds && seconds <= InstallSettings.LongestProbation.TotalSeconds))
            {
                value.AddError($"--probation takes 0 to {s_longest} seconds (30 days). Default: 0.");
            }
        });
        var restart = Verb.RestartOption();
        var loss = Verb.LossOption();
        var together = Verb.TogetherOption();
        var timeout = StartCommand.TimeoutOption();
        var json = Verb.JsonOption();
        return Verb.Create(
            "upgrade", "Upgrade the running node: unpack if needed, check, install, commit.",
            async (result, cancellation) =>
            {
                var quiet = result.GetValue(json);
                var request = new InstallRequest(
                    result.GetRequiredValue(version), !result.GetValue(noCommit), result.GetValue(probation), result.GetValue(restart), result.GetValue(loss),
                    result.GetValue(together));
                var watch = new RestartWatch(target, TimeProvider.System);
                var reply = await Verb.Ask<InstallRequest, InstallReply>(target, request, quiet, cancellation);
                Print(await watch.Wait(reply, TimeSpan.FromSeconds(result.GetValue(timeout)), cancellation), quiet);
                return 0;
            },
            version, noCommit, probation, restart, loss, together, timeout, json);
    }

    internal static void Print(InstallReply reply, bool json)
    {
        if (json)
        {
            Output.Json(reply);
            return;
        }

        foreach (var note in reply.Notes)
        {
            Output.Line($"note: {note}");
        }

        Output.Line(string.Create(CultureInfo.InvariantCulture,
            $"{reply.From} to {reply.To}: {reply.Verdict}, {reply.Processes:N0} processes, {reply.Converted:N0} conversions, " +
            $"switched in {reply.SwitchMilliseconds:0.0} ms; {reply.To} is {reply.Status}"));
    }
}
