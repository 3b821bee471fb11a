using System.CommandLine;
using Midflight.Cli.Terminals;
using Midflight.Host;
using Midflight.Host.Evaluation;
using Midflight.Shell;

namespace Midflight.Cli.Commands;

/// <summary><c>shell</c>: a C# prompt with a node of its own, to try things out.</summary>
internal static class ShellCommand
{
    public static Command Create() => Verb.Create(
        "shell", "Open a C# prompt in a node of its own.",
        async (_, _) =>
        {
            await using var node = new Node(new LineLogger(Output.Log, TimeProvider.System));
            await using var session = await Session.Open(new ShellNode.Local(ShellServer.Alone(node)), Directory.GetCurrentDirectory());
            await ConsolePrompt.Run(session, "midflight");
            return 0;
        });
}
