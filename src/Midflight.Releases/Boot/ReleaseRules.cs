using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The rules that a release must follow to be started and to be upgraded.</summary>
public sealed record ReleaseRules
{
    /// <summary>A release of Midflight: no rules, because the node is not one of its applications.</summary>
    public static readonly ReleaseRules Default = new();

    /// <summary>Applications that must be in the release, and permanent. Default: none.</summary>
    public ImmutableArray<string> Mandatory { get; init; } = [];

    /// <summary>The application that carries out upgrades and without which there are none. Default: none is needed.</summary>
    public string? Upgrader { get; init; }

    /// <summary>
    /// The first version of <see cref="Upgrader"/> that can restart on a new runtime before it continues; an older one restarts
    /// at the end. Default: every version can.
    /// </summary>
    public string? UpgraderRestartsFirstSince { get; init; }
}
