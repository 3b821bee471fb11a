using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>remove</c>: deletes a release that is not running.</summary>
internal static class RemoveCommand
{
    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument(target, "The release to remove.");
        return Verb.Create(
            "remove", "Delete a release that is not running, and the applications that only it needs.",
            async (result, cancellation) =>
            {
                var reply = await Verb.Ask<RemoveRequest, RemoveReply>(
                    target, new(result.GetRequiredValue(version)), quiet: false, cancellation);
                Output.Line($"{target.Name} {reply.Version} is removed.");
                return 0;
            },
            version);
    }
}
