using System.CommandLine;
using Midflight.Cli.Nodes;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>downgrade</c>: goes back to an earlier release while it runs.</summary>
internal static class DowngradeCommand
{
    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument(target, "The release to go back to.");
        var noCommit = new Option<bool>("--no-commit")
        {
            Description = "Do not commit the release: the next start uses the one that is permanent now.",
        };
        var restart = Verb.RestartOption();
        var together = Verb.TogetherOption();
        var timeout = StartCommand.TimeoutOption();
        var json = Verb.JsonOption();
        return Verb.Create(
            "downgrade", "Go back to an earlier release without stopping.",
            async (result, cancellation) =>
            {
                var quiet = result.GetValue(json);
                var request = new DowngradeRequest(result.GetRequiredValue(version), !result.GetValue(noCommit), result.GetValue(restart), result.GetValue(together));
                var watch = new RestartWatch(target, TimeProvider.System);
                var reply = await Verb.Ask<DowngradeRequest, InstallReply>(target, request, quiet, cancellation);
                UpgradeCommand.Print(await watch.Wait(reply, TimeSpan.FromSeconds(result.GetValue(timeout)), cancellation), quiet);
                return 0;
            },
            version, noCommit, restart, together, timeout, json);
    }
}
