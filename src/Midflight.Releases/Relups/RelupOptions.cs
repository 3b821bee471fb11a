using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Options for making a relup.</summary>
public sealed record RelupOptions
{
    /// <summary>The default options.</summary>
    public static readonly RelupOptions Default = new();

    /// <summary>What a release must hold. Default: <see cref="ReleaseRules.Default"/>.</summary>
    public ReleaseRules Rules { get; init; } = ReleaseRules.Default;

    /// <summary>Whether every script ends with a restart. Default: no.</summary>
    public bool RestartEmulator { get; init; }

    /// <summary>Whether to refuse if there are warnings. Default: no.</summary>
    public bool WarningsAsErrors { get; init; }

    /// <summary>
    /// Whether added applications start after those that they use and after the update of changed ones, and dropped ones stop
    /// before them. Default: no. Then, as in OTP's systools, both follow the order of the release, and added ones start before all updates.
    /// </summary>
    public bool ByUse { get; init; }

    /// <summary>
    /// Which of two modules goes first when dependencies leave it open, the dependent one first: the position in this list, for
    /// each direction and version of a base release. Default: the position of their instructions.
    /// </summary>
    public ImmutableDictionary<(ChangeMode Direction, string Base), ImmutableArray<string>> Ties { get; init; } =
        ImmutableDictionary<(ChangeMode Direction, string Base), ImmutableArray<string>>.Empty;
}
