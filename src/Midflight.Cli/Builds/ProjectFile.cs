namespace Midflight.Cli.Builds;

/// <summary>The project that a release is built from.</summary>
internal static class ProjectFile
{
    /// <summary>Finds the project that a person means: a <c>.csproj</c>, or a folder with exactly one.</summary>
    /// <exception cref="Failure">There is none, or more than one.</exception>
    public static string Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            return full.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase)
                ? full
                : throw new Failure($"{full} is not a C# project. Give a .csproj file or its folder.");
        }

        if (!Directory.Exists(full))
        {
            throw new Failure($"There is no {full}. Give a .csproj file or its folder.");
        }

        return Directory.GetFiles(full, "*.csproj") switch
        {
            [var only] => only,
            [] => throw new Failure($"{full} holds no C# project. Give a .csproj file or its folder."),
            var several => throw new Failure(
                $"{full} holds {string.Join(", ", several.Select(Path.GetFileName).Order(StringComparer.Ordinal))}. Give one of them."),
        };
    }
}
