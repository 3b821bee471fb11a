using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The checks between the applications of a release, in the order in which they run.</summary>
internal static class ReleaseChecks
{
    public static ReleaseProblem? Check(ImmutableArray<ReleasedApplication> applications) =>
        (ReleaseProblem?)FindUndefined(applications)
        ?? FindShared(SharedThing.RegisteredName, applications, application => application.Registered)
        ?? FindShared(SharedThing.IncludedApplication, applications, application => application.IncludedApplications)
        ?? InclusionTree.FindCircle(applications)
        ?? FindShared(SharedThing.Module, applications, application => application.Modules.Select(module => module.Name));

    private static ReleaseProblem.Undefined? FindUndefined(ImmutableArray<ReleasedApplication> applications)
    {
        var defined = applications.Select(application => application.Spec.Name).ToHashSet();
        var undefined = applications
            .SelectMany(application => application.Spec.Applications.Without(application.Spec.OptionalApplications)
                .Concat(application.Spec.IncludedApplications))
            .Where(name => !defined.Contains(name))
            .Distinct()
            .ToImmutableArray();
        return undefined.IsEmpty ? null : new ReleaseProblem.Undefined(undefined);
    }

    private static ReleaseProblem.Duplicate? FindShared(
        SharedThing what, ImmutableArray<ReleasedApplication> applications, Func<ApplicationSpec, IEnumerable<string>> things)
    {
        var twice = applications
            .SelectMany(application => things(application.Spec).Select(thing => (Thing: thing, Owner: application.Spec.Name)))
            .GroupBy(item => item.Thing)
            .SelectMany(group => group.Zip(group.Skip(1), (one, two) => new SharedBy(group.Key, one.Owner, two.Owner)))
            .OrderBy(shared => shared.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        return twice.IsEmpty ? null : new ReleaseProblem.Duplicate(what, twice);
    }
}
