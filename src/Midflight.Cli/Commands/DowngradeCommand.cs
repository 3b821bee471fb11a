using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>downgrade</c>: goes back to an earlier release while it runs.</summary>
internal static class DowngradeCommand
{
    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument("The release to go back to.");
        var noCommit = new Option<bool>("--no-commit")
        {
            Description = "Leave the release uncommitted: the next start takes the one that is permanent now.",
        };
        var json = Verb.JsonOption();
        return Verb.Create(
            "downgrade", "Go back to an earlier release without stopping.",
            async (result, cancellation) =>
            {
                var quiet = result.GetValue(json);
                var request = new DowngradeRequest(result.GetRequiredValue(version), !result.GetValue(noCommit));
                UpgradeCommand.Print(await Verb.Ask<DowngradeRequest, InstallReply>(target, request, quiet, cancellation), quiet);
                return 0;
            },
            version, noCommit, json);
    }
}
