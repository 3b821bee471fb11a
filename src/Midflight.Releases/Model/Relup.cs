using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>How to upgrade a node to a release and how to go back: OTP's <c>relup</c>, our <c>relup.json</c>.</summary>
/// <param name="Version">Version of the release.</param>
/// <param name="Up">The scripts to it, one for each release to upgrade from.</param>
/// <param name="Down">The scripts from it, one for each release to go back to.</param>
public sealed record Relup(string Version, ImmutableArray<RelupScript> Up, ImmutableArray<RelupScript> Down)
{
    /// <summary>Whether any of its scripts restarts the node.</summary>
    public bool Restarts => Up.Concat(Down).Any(script => script.Restarts);
}

/// <summary>What a node does to get from one release to another.</summary>
/// <param name="Version">The other release.</param>
/// <param name="Description">A description by its author; empty if there is none.</param>
/// <param name="Instructions">The steps, in order.</param>
public sealed record RelupScript(string Version, string Description, ImmutableArray<LowLevel> Instructions)
{
    /// <summary>Whether it restarts the node.</summary>
    public bool Restarts => Instructions.Any(instruction => instruction is LowLevel.RestartNewEmulator or LowLevel.RestartEmulator);
}
