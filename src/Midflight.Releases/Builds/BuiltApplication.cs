using System.Collections.Immutable;

namespace Midflight.Releases.Builds;

/// <summary>One application as it was built: its metadata, and the files of its folder.</summary>
/// <param name="Spec">Its metadata.</param>
/// <param name="Assemblies">Its own assemblies, the one that names it first.</param>
/// <param name="Files">Its files, by path from the folder of the build; they keep that path in the application's folder.</param>
internal sealed record BuiltApplication(
    ApplicationSpec Spec, ImmutableArray<AssemblyFile> Assemblies, ImmutableArray<string> Files);

/// <summary>What was built, as applications.</summary>
/// <param name="All">The applications, that of the project first.</param>
/// <param name="Ways">Which way each project goes that it refers to, a sentence each; empty where there is none.</param>
internal sealed record BuiltApplications(ImmutableArray<BuiltApplication> All, ImmutableArray<string> Ways);
