using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Why a release cannot be made.</summary>
public abstract record ReleaseProblem
{
    private ReleaseProblem() { }

    /// <summary>The file of the release cannot be read.</summary>
    /// <param name="Error">What is wrong with it.</param>
    public sealed record Unreadable(FileError Error) : ReleaseProblem;

    /// <summary>An application that every release needs is missing.</summary>
    /// <param name="Application">The application.</param>
    public sealed record MandatoryMissing(string Application) : ReleaseProblem;

    /// <summary>An application that every release needs is not permanent.</summary>
    /// <param name="Application">The application.</param>
    /// <param name="Type">Its type instead.</param>
    public sealed record MandatoryNotPermanent(string Application, StartType Type) : ReleaseProblem;

    /// <summary>Applications cannot be found or read; the last in the release comes first.</summary>
    /// <param name="Faults">What is wrong, application by application.</param>
    public sealed record ApplicationsUnreadable(ImmutableArray<ApplicationFault> Faults) : ReleaseProblem;

    /// <summary>Applications are used or included, but the release does not list them.</summary>
    /// <param name="Applications">The applications.</param>
    public sealed record Undefined(ImmutableArray<string> Applications) : ReleaseProblem;

    /// <summary>Two applications register the same name, have the same module or include the same application.</summary>
    /// <param name="What">Which of the three.</param>
    /// <param name="Twice">Each with the applications that share it.</param>
    public sealed record Duplicate(SharedThing What, ImmutableArray<SharedBy> Twice) : ReleaseProblem;

    /// <summary>Applications use one another in a circle.</summary>
    /// <param name="Applications">The applications found on the circle.</param>
    /// <param name="NotFound">Applications that are used and not found, if any.</param>
    public sealed record Circular(ImmutableArray<string> Applications, ImmutableArray<string> NotFound) : ReleaseProblem;

    /// <summary>Applications include one another in a circle, so none of them starts the others.</summary>
    /// <param name="Applications">Those on the circle.</param>
    public sealed record CircularInclusion(ImmutableArray<string> Applications) : ReleaseProblem;

    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        Unreadable(var error) => error.ToString(),
        MandatoryMissing(var application) =>
            $"The release does not list {application}, which every release needs. Add it to its applications.",
        MandatoryNotPermanent(var application, var type) =>
            $"{application} is {OtpWords.Of(type)}, but every release needs it permanent. Remove the type in the release.",
        ApplicationsUnreadable(var faults) => string.Join('\n', faults),
        Undefined(var applications) =>
            $"{Names(applications)} {(applications.Length == 1 ? "is" : "are")} used but not in the release. " +
            "Add it to the release's applications, or remove it from those that use it.",
        Duplicate(var what, var twice) => string.Join('\n', twice.Select(shared => Sentence(what, shared))),
        Circular(var applications, var notFound) =>
            $"{Names(applications)} depend on each other in a circle, so none can start first. " +
            "Remove one of them from the other's applications." +
            (notFound.IsEmpty ? "" : $" Also, {Names(notFound)} cannot be found."),
        CircularInclusion(var applications) =>
            $"{Names(applications)} include each other in a circle, so none starts the others. Let one of them only depend on the other.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    private static string Sentence(SharedThing what, SharedBy shared) => what switch
    {
        SharedThing.RegisteredName =>
            $"{shared.First} and {shared.Second} both register {shared.Name}. Rename it in one of them.",
        SharedThing.IncludedApplication =>
            $"{shared.First} and {shared.Second} both include {shared.Name}. Only one can start it; let the other depend on it.",
        _ => $"{shared.First} and {shared.Second} both have the module {shared.Name}. Rename it in one of them.",
    };

    private static string Names(ImmutableArray<string> names) => string.Join(", ", names);
}
