using System.CommandLine;

namespace Midflight.Cli.Commands;

/// <summary><c>foreground</c>: the last committed release, in this terminal. The script of the release does it itself.</summary>
internal static class ForegroundCommand
{
    public static Command Create(Target target) => Verb.Create(
        "foreground", "Start the last committed release here, and log to this terminal.",
        (_, _) => Task.FromResult(NodeProgram.Run(target.Layout.Root, target.Name, target.Next.Release, goesOn: false)));
}
