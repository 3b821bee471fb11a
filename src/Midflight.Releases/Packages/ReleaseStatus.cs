namespace Midflight.Releases.Packages;

/// <summary>What a release on a node is.</summary>
public enum ReleaseStatus
{
    /// <summary>Its files are in place; it does not run.</summary>
    Unpacked,

    /// <summary>It runs, but the next start takes the permanent release. Never written to disk.</summary>
    Current,

    /// <summary>The next start takes it. Exactly one release is permanent.</summary>
    Permanent,

    /// <summary>It was permanent or current before another one, and can be gone back to.</summary>
    Old,
}
