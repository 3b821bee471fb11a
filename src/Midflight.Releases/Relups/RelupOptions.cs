using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>How a relup is made.</summary>
public sealed record RelupOptions
{
    /// <summary>No option set.</summary>
    public static readonly RelupOptions Default = new();

    /// <summary>What a release must hold. Default: <see cref="ReleaseRules.Default"/>.</summary>
    public ReleaseRules Rules { get; init; } = ReleaseRules.Default;

    /// <summary>Whether every script ends with a restart. Default: no.</summary>
    public bool RestartEmulator { get; init; }

    /// <summary>Whether a warning is a refusal. Default: no.</summary>
    public bool WarningsAsErrors { get; init; }

    /// <summary>
    /// Whether added applications start after those that they use, and after the update of those that change; and dropped ones stop
    /// before them. Default: no, as OTP's systools, which takes both in the order of the release, the added ones ahead of all updates.
    /// </summary>
    public bool ByUse { get; init; }

    /// <summary>
    /// Which of two modules goes first where dependencies leave it open, the dependent one first: the place in this list, for
    /// each direction and version of a base release. Default: the place of their instructions.
    /// </summary>
    public ImmutableDictionary<(ChangeMode Direction, string Base), ImmutableArray<string>> Ties { get; init; } =
        ImmutableDictionary<(ChangeMode Direction, string Base), ImmutableArray<string>>.Empty;
}
