using System.CommandLine;
using Midflight.Cli.Nodes;

namespace Midflight.Cli.Commands;

/// <summary><c>stop</c>: the applications in reverse order, then the node.</summary>
internal static class StopCommand
{
    public static Command Create(Target target)
    {
        var timeout = StartCommand.TimeoutOption();
        return Verb.Create(
            "stop", "Stop the node; return when it has stopped.",
            async (result, cancellation) =>
            {
                var pid = await new Background(target, TimeProvider.System)
                    .Stop(TimeSpan.FromSeconds(result.GetValue(timeout)), cancellation);
                Output.Line($"{target.Name} has stopped (process {pid}).");
                return 0;
            },
            timeout);
    }
}
