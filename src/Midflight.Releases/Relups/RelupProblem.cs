using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Why there is no relup.</summary>
public abstract record RelupProblem
{
    private RelupProblem() { }

    /// <summary>One of the releases cannot be made.</summary>
    /// <param name="Name">The release: the version of the new one, or the name of the base.</param>
    /// <param name="Problem">Why.</param>
    public sealed record InRelease(string Name, ReleaseProblem Problem) : RelupProblem;

    /// <summary>One of the releases does not have the application that carries out upgrades.</summary>
    /// <param name="Name">Name of the release.</param>
    /// <param name="Version">Version of the release.</param>
    /// <param name="Upgrader">The missing application.</param>
    public sealed record NoUpgrader(string Name, string Version, string Upgrader) : RelupProblem;

    /// <summary>The appup of a changed application cannot be read.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record AppupUnreadable(string Application, FileError Error) : RelupProblem;

    /// <summary>The appup of a changed application has no entry for the other version.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Version">The version whose appup it is.</param>
    /// <param name="Other">The version that no entry matches.</param>
    /// <param name="Direction">Up from the other version, or down to it.</param>
    /// <param name="Mistakes">What the appup has where entries should be.</param>
    public sealed record NoEntry(
        string Application, string Version, string Other, ChangeMode Direction, ImmutableArray<FileError> Mistakes) : RelupProblem;

    /// <summary>An appup entry has a version pattern that is not a regular expression.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Expression">The pattern.</param>
    /// <param name="Reason">Why it is not a regular expression.</param>
    public sealed record BadPattern(string Application, string Expression, string Reason) : RelupProblem;

    /// <summary>There are warnings, and warnings are refused.</summary>
    /// <param name="Warnings">The warnings.</param>
    public sealed record Warned(ImmutableArray<RelupWarning> Warnings) : RelupProblem;

    /// <summary>The instructions between two releases do not make a script.</summary>
    /// <param name="Base">The other release's name.</param>
    /// <param name="Direction">The direction of the upgrade.</param>
    /// <param name="Problem">Why.</param>
    public sealed record InScript(string Base, ChangeMode Direction, ScriptProblem Problem) : RelupProblem;

    /// <summary>The complete message for a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        InRelease(var name, var problem) => $"Release {name}: {problem}",
        NoUpgrader(var name, var version, var upgrader) =>
            $"Release {name} {version} lacks {upgrader}, which carries out upgrades. Add it to the release.",
        AppupUnreadable(var application, var error) => $"The appup of {application} cannot be read: {error}",
        NoEntry(var application, var version, var other, var direction, var mistakes) =>
            $"The appup of {application} {version} has no entry {(direction == ChangeMode.Up ? "up from" : "down to")} {other}. " +
            $"Add one to its \"{OtpWords.Of(direction)}\".{string.Concat(mistakes.Select(mistake => $"\n{mistake}"))}",
        BadPattern(var application, var expression, var reason) =>
            $"The appup of {application} has an entry for versions like {expression}, which is not a regular expression: {reason} Correct it.",
        Warned(var warnings) => "Warnings are refused here:\n" + string.Join('\n', warnings),
        InScript(var name, var direction, var problem) =>
            $"{(direction == ChangeMode.Up ? "Up from" : "Down to")} {name}: {problem}",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };
}
