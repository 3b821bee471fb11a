namespace Midflight.Releases;

/// <summary>Makes the relup between a release and others from the appups of their applications, as OTP's systools does.</summary>
public static class RelupGenerator
{
    /// <summary>Makes a relup.</summary>
    /// <param name="release">The release gone to, and left going down.</param>
    /// <param name="up">Where one can come from.</param>
    /// <param name="down">Where one can go back to.</param>
    /// <param name="library">Where the applications of all the releases are found.</param>
    /// <param name="options">How to make it. Default: <see cref="RelupOptions.Default"/>.</param>
    /// <returns>The relup, whose scripts stand in the reverse order of their releases, or the first problem.</returns>
    public static RelupOutcome Generate(
        RelupBase release,
        IEnumerable<RelupBase> up,
        IEnumerable<RelupBase> down,
        IApplicationLibrary library,
        RelupOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        ArgumentNullException.ThrowIfNull(library);
        try
        {
            return new RelupRun(release, library, options ?? RelupOptions.Default).Generate(up, down);
        }
        catch (RelupRefusedException refused)
        {
            // The generator stops at the first problem, however deep; here it becomes the answer.
            return new RelupOutcome.Refused(refused.Problem);
        }
    }
}

/// <summary>Carries a problem from inside the generator to its door, which answers with it.</summary>
internal sealed class RelupRefusedException(RelupProblem problem) : Exception(problem.ToString())
{
    public RelupProblem Problem { get; } = problem;
}
