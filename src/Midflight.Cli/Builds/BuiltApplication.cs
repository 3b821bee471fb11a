using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Cli.Builds;

/// <summary>One application as it was built: its metadata, and the files of its folder.</summary>
/// <param name="Spec">Its metadata.</param>
/// <param name="Assemblies">Its own assemblies, the one that names it first.</param>
/// <param name="Files">Its files, by path from the folder of the build; they keep that path in the application's folder.</param>
internal sealed record BuiltApplication(
    ApplicationSpec Spec, ImmutableArray<AssemblyFile> Assemblies, ImmutableArray<string> Files);
