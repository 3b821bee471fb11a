namespace Midflight.Releases.Builds;

/// <summary>What a build made of a project.</summary>
/// <param name="Folder">Where the assemblies lie, with those of packages and other projects.</param>
/// <param name="AssemblyName">The assembly of the project itself.</param>
/// <param name="ProjectFolder">Where the project lies; null where that is not known.</param>
internal sealed record Published(string Folder, string AssemblyName, string? ProjectFolder)
{
    /// <summary>In which .NET writes what came from where. Default: that of the project itself.</summary>
    public string DependencyFile { get; init; } = Path.Combine(Folder, AssemblyName + ".deps.json");

    public string RuntimeConfigFile => Path.Combine(Folder, AssemblyName + ".runtimeconfig.json");
}
