namespace Midflight.Releases.Packages;

/// <summary>The status of a release on a node.</summary>
public enum ReleaseStatus
{
    /// <summary>Its files are in place; it is not running.</summary>
    Unpacked,

    /// <summary>It is running, but the next start uses the permanent release. Never written to disk.</summary>
    Current,

    /// <summary>The next start uses it. Exactly one release is permanent.</summary>
    Permanent,

    /// <summary>It was permanent or current before another one, and a downgrade can go back to it.</summary>
    Old,
}
