namespace Midflight.Cli.Builds;

/// <summary>A copy of .NET inside a release, for targets that have none.</summary>
internal static class IncludedRuntime
{
    /// <summary>Copies the .NET that runs this command: the host and the frameworks that the release needs.</summary>
    /// <param name="folder">The folder <c>runtime-VERSION</c> of the release.</param>
    /// <param name="frameworks">The names of the frameworks.</param>
    /// <exception cref="Failure">One of them is not installed here in this version.</exception>
    public static void Copy(string folder, IEnumerable<string> frameworks)
    {
        var version = Dotnet.Version.ToString();
        Folders.CopyFile(Path.Combine(Dotnet.Root, "dotnet"), Path.Combine(folder, "dotnet"));
        Take(Path.Combine("host", "fxr", version));
        foreach (var framework in frameworks)
        {
            Take(Path.Combine("shared", framework, version));
        }

        void Take(string part)
        {
            var from = Path.Combine(Dotnet.Root, part);
            if (!Directory.Exists(from))
            {
                throw new Failure($"There is no {from} to include. Install {part}, or build without --include-runtime.");
            }

            Folders.Copy(from, Path.Combine(folder, part));
        }
    }
}
