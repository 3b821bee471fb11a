using Midflight.Cli.Builds;

namespace Midflight.Cli.Commands;

/// <summary>The optional part of a release: the shell with its compiler.</summary>
internal static class ShellPart
{
    /// <exception cref="Failure">The release was built without it.</exception>
    public static void Require(Target target)
    {
        if (!NodeRuntime.HasShell)
        {
            throw new Failure($"{target.Name} was built with `--no-shell`, so it has no C# prompt. Build its next release without that option.");
        }
    }
}
