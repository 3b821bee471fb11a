using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>unpack</c>: verifies a package and puts its files in place.</summary>
internal static class UnpackCommand
{
    public static Command Create(Target target)
    {
        var version = Verb.VersionArgument(target, "The release whose package is in the release's root folder or in releases/.");
        return Verb.Create(
            "unpack", "Verify a package and put its files in place.",
            async (result, cancellation) =>
            {
                var reply = await Verb.Ask<UnpackRequest, UnpackReply>(
                    target, new(result.GetRequiredValue(version)), quiet: false, cancellation);
                Output.Line($"{reply.Name} {reply.Version} is unpacked.");
                return 0;
            },
            version);
    }
}
