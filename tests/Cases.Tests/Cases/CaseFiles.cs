namespace Midflight.Cases;

/// <summary>Where cases are.</summary>
internal static class CaseFiles
{
    /// <summary>Names other files, or folders of them, to be run instead; several are separated as in PATH.</summary>
    public const string Variable = "MIDFLIGHT_CASES";

    /// <summary>Whether other cases than the project's own are to be run.</summary>
    public static bool AreOthers => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>The files and folders that <see cref="Variable"/> names, else the project's own.</summary>
    public static string[] Named() => AreOthers
        ? Environment.GetEnvironmentVariable(Variable)!.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        : [Path.Combine(AppContext.BaseDirectory, "Cases")];

    /// <summary>The cases of files and folders, in the order of their names.</summary>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public static IReadOnlyList<Case> Read(IEnumerable<string> names) => [.. names.SelectMany(Files).SelectMany(file => Case.Read(File.ReadAllText(file)))];

    private static IEnumerable<string> Files(string name) => File.Exists(name) ? [name]
        : Directory.Exists(name) ? Directory.EnumerateFiles(name, "*.txt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : throw new FileNotFoundException($"There is no file or folder {name}. Give one with cases (`### name`), or let {Variable} name it.");
}
