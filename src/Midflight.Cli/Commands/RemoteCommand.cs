using System.CommandLine;
using Midflight.Cli.Terminals;
using Midflight.Host.Control;
using Midflight.Shell;

namespace Midflight.Cli.Commands;

/// <summary><c>remote</c>: a C# prompt in the running node.</summary>
internal static class RemoteCommand
{
    public static Command Create(Target target) => Verb.Create(
        "remote", "Open a C# prompt in the running node. exit() leaves it; the node keeps running.",
        (_, cancellation) =>
        {
            ShellPart.Require(target);
            return Run(target, cancellation);
        });

    // A separate method: if the release has no shell, its types must not be looked up.
    private static async Task<int> Run(Target target, CancellationToken cancellation)
    {
        await using var client = await ControlClient.Connect(target.Layout, cancellation);
        await using var session = await Session.Open(new ShellNode.Remote(client), Directory.GetCurrentDirectory());
        await ConsolePrompt.Run(session, target.Name);
        return 0;
    }
}
