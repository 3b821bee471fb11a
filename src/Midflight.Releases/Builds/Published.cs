namespace Midflight.Releases.Builds;

/// <summary>The build results of a project.</summary>
/// <param name="Folder">The folder of the assemblies, including those of packages and other projects.</param>
/// <param name="AssemblyName">The assembly of the project itself.</param>
/// <param name="ProjectFolder">The folder of the project; null if it is not known.</param>
internal sealed record Published(string Folder, string AssemblyName, string? ProjectFolder)
{
    /// <summary>The file in which .NET records what came from where. Default: that of the project itself.</summary>
    public string DependencyFile { get; init; } = Path.Combine(Folder, AssemblyName + ".deps.json");

    public string RuntimeConfigFile => Path.Combine(Folder, AssemblyName + ".runtimeconfig.json");
}
