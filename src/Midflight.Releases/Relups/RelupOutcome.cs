using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The result of making a relup.</summary>
public abstract record RelupOutcome
{
    private RelupOutcome() { }

    /// <summary>A relup.</summary>
    /// <param name="Relup">The relup.</param>
    /// <param name="Warnings">What is unusual about it. The same warning can appear once for each base release and direction.</param>
    public sealed record Generated(Relup Relup, ImmutableArray<RelupWarning> Warnings) : RelupOutcome;

    /// <summary>There is no relup.</summary>
    /// <param name="Problem">Why.</param>
    public sealed record Refused(RelupProblem Problem) : RelupOutcome;
}
