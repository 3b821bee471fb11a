using System.CommandLine;
using Midflight.Cli.Nodes;

namespace Midflight.Cli.Commands;

/// <summary><c>restart</c>: stop, then start the last committed release.</summary>
internal static class RestartCommand
{
    public static Command Create(Target target)
    {
        var timeout = StartCommand.TimeoutOption();
        return Verb.Create(
            "restart", "Stop the node and start the last committed release.",
            async (result, cancellation) =>
            {
                var wait = TimeSpan.FromSeconds(result.GetValue(timeout));
                await new Background(target, TimeProvider.System).Stop(wait, cancellation);
                return await StartCommand.Run(target, wait, cancellation);
            },
            timeout);
    }
}
