using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>What a node loads and starts, in which order: OTP's boot script, our <c>boot.json</c>.</summary>
/// <param name="Name">Name of the release.</param>
/// <param name="Version">Version of the release.</param>
/// <param name="Code">Every application with its modules; dependencies come first.</param>
/// <param name="Load">The applications whose specifications are loaded, in order.</param>
/// <param name="Start">The applications that are started, in order.</param>
public sealed record BootScript(
    string Name,
    string Version,
    ImmutableArray<BootCode> Code,
    ImmutableArray<string> Load,
    ImmutableArray<BootStart> Start);

/// <summary>The code of one application, as a node loads it.</summary>
/// <param name="Application">Name of the application.</param>
/// <param name="Version">Its version.</param>
/// <param name="Folder">Where its assemblies are, relative to the root of the release: <c>lib/octochat-0.3.2</c>.</param>
/// <param name="Modules">Its modules, sorted by name.</param>
public sealed record BootCode(string Application, string Version, string Folder, ImmutableArray<string> Modules);

/// <summary>An application that a node starts.</summary>
/// <param name="Application">Name of the application.</param>
/// <param name="Type">What its end means for the node.</param>
public sealed record BootStart(string Application, StartType Type);
