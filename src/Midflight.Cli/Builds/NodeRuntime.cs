using System.Reflection;

namespace Midflight.Cli.Builds;

/// <summary>The runtime of the node that goes into a release: this very program.</summary>
internal static class NodeRuntime
{
    private static readonly string[] s_kinds = [".dll", ".json", ".so", ".dylib"];

    /// <summary>The version of Midflight.</summary>
    public static string Version { get; } =
        typeof(NodeRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Its files, by path from <see cref="Folder"/>.</summary>
    /// <param name="shell">Whether to include the shell with its compiler.</param>
    public static IEnumerable<string> Files(bool shell) =>
        from file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        where s_kinds.Contains(Path.GetExtension(file)) && (shell || !IsOfShell(Path.GetFileName(file)))
        select Path.GetRelativePath(Folder, file);

    /// <summary>Whether this program has the shell.</summary>
    public static bool HasShell => File.Exists(Path.Combine(Folder, "Midflight.Shell.dll"));

    // Including the list of dependencies: .NET does not start a program if one of them is missing. Without the list it uses what is there.
    private static bool IsOfShell(string file) =>
        file.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) || file is "Midflight.Shell.dll" or "Midflight.Cli.deps.json";

    /// <summary>Their folder.</summary>
    public static string Folder { get; } = AppContext.BaseDirectory;

    /// <summary>The version of an assembly that the node has, or null.</summary>
    public static Version? Has(string assembly)
    {
        var file = Path.Combine(Folder, assembly + ".dll");
        return File.Exists(file) ? AssemblyName.GetAssemblyName(file).Version : null;
    }
}
