namespace Midflight;

/// <summary>The code that is loaded of one application.</summary>
/// <param name="Application">Its name.</param>
/// <param name="Current">What qualified calls run, such as <c>octochat 0.2.0 (#2)</c>; null after a delete.</param>
/// <param name="Old">What processes may still run that have not moved; null where there is none.</param>
/// <param name="Modules">The full names of the modules of the current version, in order.</param>
public sealed record LoadedCode(string Application, string? Current, string? Old, IReadOnlyList<string> Modules);
