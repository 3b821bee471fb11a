using System.CommandLine;
using Midflight.Cli.Nodes;

namespace Midflight.Cli.Commands;

/// <summary><c>start</c>: the last committed release, in the background.</summary>
internal static class StartCommand
{
    public static Command Create(Target target)
    {
        var timeout = TimeoutOption();
        return Verb.Create(
            "start", "Start the last committed release in the background; return when it is ready.",
            (result, cancellation) => Run(target, TimeSpan.FromSeconds(result.GetValue(timeout)), cancellation), timeout);
    }

    internal static Option<double> TimeoutOption() => new("--timeout")
    {
        Description = "Seconds to wait. Default: 60.",
        DefaultValueFactory = _ => 60,
        HelpName = "SECONDS",
    };

    internal static async Task<int> Run(Target target, TimeSpan timeout, CancellationToken cancellation)
    {
        var ping = await new Background(target, TimeProvider.System).Start(timeout, cancellation);
        Output.Line($"{ping.Name} {ping.Version} is running as process {ping.Pid}.");
        return 0;
    }
}
