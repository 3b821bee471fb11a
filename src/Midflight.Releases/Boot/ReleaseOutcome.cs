using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The result of resolving a release.</summary>
public abstract record ReleaseOutcome
{
    private ReleaseOutcome() { }

    /// <summary>Everything was found and is in order.</summary>
    /// <param name="Release">The release.</param>
    /// <param name="Warnings">What is odd about it.</param>
    public sealed record Resolved(Release Release, ImmutableArray<ReleaseWarning> Warnings) : ReleaseOutcome;

    /// <summary>The release cannot be made.</summary>
    /// <param name="Problem">Why.</param>
    public sealed record Refused(ReleaseProblem Problem) : ReleaseOutcome;
}
