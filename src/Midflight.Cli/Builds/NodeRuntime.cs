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
    public static IEnumerable<string> Files =>
        from file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        where s_kinds.Contains(Path.GetExtension(file))
        select Path.GetRelativePath(Folder, file);

    /// <summary>Where they lie.</summary>
    public static string Folder { get; } = AppContext.BaseDirectory;

    /// <summary>The version of an assembly that the node has, or null.</summary>
    public static Version? Has(string assembly)
    {
        var file = Path.Combine(Folder, assembly + ".dll");
        return File.Exists(file) ? AssemblyName.GetAssemblyName(file).Version : null;
    }
}
