namespace Midflight.Cases;

/// <summary>Where cases are.</summary>
internal static class CaseFiles
{
    /// <summary>Names other files, or folders of them, to be run instead; several are separated as in PATH.</summary>
    public const string Variable = "MIDFLIGHT_CASES";

    private const string Steps = "steps";

    /// <summary>Whether other cases than the project's own are to be run.</summary>
    public static bool AreOthers => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>The files and folders that <see cref="Variable"/> names, else the project's own.</summary>
    public static string[] Named() => AreOthers
        ? Environment.GetEnvironmentVariable(Variable)!.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        : [Path.Combine(AppContext.BaseDirectory, "Cases"), Path.Combine(AppContext.BaseDirectory, "Steps")];

    /// <summary>The cases of files and folders, in the order of their names; of folders also those which are folders with <c>steps</c>.</summary>
    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public static IReadOnlyList<Trial> Read(IEnumerable<string> names) =>
        [.. names.SelectMany(Files).SelectMany(file => Path.GetFileName(file) == Steps ? [Folder(file)] : Case.Read(File.ReadAllText(file)).Cast<Trial>())];

    private static StepCase Folder(string steps) => new(Path.GetFileName(Path.GetDirectoryName(steps))!, Path.GetDirectoryName(steps)!);

    private static IEnumerable<string> Files(string name) => File.Exists(name) ? [name]
        : Directory.Exists(name) ? Directory.EnumerateFiles(name, "*", SearchOption.AllDirectories).Where(IsCase).Order(StringComparer.Ordinal)
        : throw new FileNotFoundException($"There is no file or folder {name}. Give one with cases (`### name`), or let {Variable} name it.");

    private static bool IsCase(string file) => Path.GetFileName(file) == Steps || (file.EndsWith(".txt", StringComparison.Ordinal) && File.ReadLines(file).Any(line => line.StartsWith("### ", StringComparison.Ordinal)));
}
