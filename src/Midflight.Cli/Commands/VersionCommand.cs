using System.CommandLine;

namespace Midflight.Cli.Commands;

/// <summary><c>version</c>: what the next start runs.</summary>
internal static class VersionCommand
{
    public static Command Create(Target target) => Verb.Create(
        "version", "Print the version of the last committed release, of Midflight and of .NET.",
        (_, _) =>
        {
            var next = target.Next;
            Output.Line($"{target.Name} {next.Release}, midflight {next.Midflight}, .NET {next.Runtime ?? Environment.Version.ToString()}");
            return Task.FromResult(0);
        });
}
