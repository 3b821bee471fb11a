namespace Repo.Tests;

/// <summary>The folder that these tests watch over.</summary>
internal static class Repository
{
    internal static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>The files that people write, by their path from the root.</summary>
    internal static IEnumerable<string> Files(string pattern) => Directory
        .EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/'))
        .Where(file => !file.Split('/').Any(part => part is "artifacts" or ".git" or "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    internal static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Midflight.slnx"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No folder above the tests holds Midflight.slnx."));
}
