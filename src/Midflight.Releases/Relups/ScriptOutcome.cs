using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The result of translating instructions.</summary>
public abstract record ScriptOutcome
{
    private ScriptOutcome() { }

    /// <summary>A script.</summary>
    /// <param name="Instructions">Its steps, in order.</param>
    public sealed record Translated(ImmutableArray<LowLevel> Instructions) : ScriptOutcome;

    /// <summary>The instructions do not make a script.</summary>
    /// <param name="Problem">Why.</param>
    public sealed record Refused(ScriptProblem Problem) : ScriptOutcome;
}

/// <summary>Carries a problem from inside the translator to its door, which answers with it.</summary>
internal sealed class ScriptRefusedException(ScriptProblem problem) : Exception(problem.ToString())
{
    public ScriptProblem Problem { get; } = problem;
}
