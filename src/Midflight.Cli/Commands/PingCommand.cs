using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>ping</c>: whether the node is ready.</summary>
internal static class PingCommand
{
    public static Command Create(Target target) => Verb.Create(
        "ping", "Print `pong` if the node is ready.",
        async (_, cancellation) =>
        {
            await Verb.Ask<PingRequest, PingReply>(target, new(), quiet: true, cancellation);
            Output.Line("pong");
            return 0;
        });
}
