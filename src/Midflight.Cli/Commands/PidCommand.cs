using System.CommandLine;
using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>pid</c>: the process id of the node.</summary>
internal static class PidCommand
{
    public static Command Create(Target target) => Verb.Create(
        "pid", "Print the process id of the node's operating system process.",
        async (_, cancellation) =>
        {
            var ping = await Verb.Ask<PingRequest, PingReply>(target, new(), quiet: true, cancellation);
            Output.Line(ping.Pid.ToString(CultureInfo.InvariantCulture));
            return 0;
        });
}
