using System.Collections.Immutable;

namespace Midflight.Releases.Builds;

/// <summary>One application as it was built: its metadata, and the files of its folder.</summary>
/// <param name="Spec">Its metadata.</param>
/// <param name="Assemblies">Its own assemblies, the one that names it first.</param>
/// <param name="Files">Its files, by path from the build folder; they keep that path in the application's folder.</param>
internal sealed record BuiltApplication(
    ApplicationSpec Spec, ImmutableArray<AssemblyFile> Assemblies, ImmutableArray<string> Files);

/// <summary>The build results, as applications.</summary>
/// <param name="All">The applications, the main project's first.</param>
/// <param name="Ways">A sentence for each project that it refers to, saying whether it is hot or shared; empty if there is none.</param>
internal sealed record BuiltApplications(ImmutableArray<BuiltApplication> All, ImmutableArray<string> Ways);
