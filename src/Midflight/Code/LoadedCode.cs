namespace Midflight;

/// <summary>The loaded code of one application.</summary>
/// <param name="Application">Its name.</param>
/// <param name="Current">The version that qualified calls run, such as <c>octochat 0.2.0 (#2)</c>; null after a delete.</param>
/// <param name="Old">The version that processes may still run which have not moved; null if there is none.</param>
/// <param name="Modules">The full names of the modules of the current version, in order.</param>
public sealed record LoadedCode(string Application, string? Current, string? Old, IReadOnlyList<string> Modules);
