using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Finds the applications of a release, checks that they fit together, and puts them in order.</summary>
public static class ReleaseResolver
{
    /// <summary>Resolves a release.</summary>
    /// <param name="release">The result of reading it.</param>
    /// <param name="library">The source of its applications.</param>
    /// <param name="rules">The rules that it must follow. Default: <see cref="ReleaseRules.Default"/>.</param>
    /// <returns>The release with its applications, or the first problem.</returns>
    public static ReleaseOutcome Resolve(FileRead<ReleaseSpec> release, IApplicationLibrary library, ReleaseRules? rules = null)
    {
        if (!release.Succeeded(out var spec, out var error))
        {
            return new ReleaseOutcome.Refused(new ReleaseProblem.Unreadable(error));
        }

        rules ??= ReleaseRules.Default;
        var problem = FindMandatory(spec, rules);
        var found = problem is null ? FindApplications(spec, library, out problem) : [];
        problem ??= ReleaseChecks.Check(found);
        if (problem is not null)
        {
            return new ReleaseOutcome.Refused(problem);
        }

        return BootOrder.Sort(InclusionTree.UseTops(found), spec, out var sorted) is { } disorder
            ? new ReleaseOutcome.Refused(disorder)
            : new ReleaseOutcome.Resolved(new Release(spec, sorted), FindOdd(spec, rules));
    }

    private static ImmutableArray<ReleaseWarning> FindOdd(ReleaseSpec spec, ReleaseRules rules) =>
        rules.Upgrader is { } upgrader && spec.Applications.All(application => application.Name != upgrader)
            ? [new ReleaseWarning.NoUpgrader(upgrader)]
            : [];

    private static ReleaseProblem? FindMandatory(ReleaseSpec spec, ReleaseRules rules)
    {
        foreach (var name in rules.Mandatory)
        {
            switch (spec.Applications.FirstOrDefault(application => application.Name == name))
            {
                case null:
                    return new ReleaseProblem.MandatoryMissing(name);
                case { Type: not StartType.Permanent and var type }:
                    return new ReleaseProblem.MandatoryNotPermanent(name, type);
            }
        }

        return null;
    }

    private static ImmutableArray<ReleasedApplication> FindApplications(
        ReleaseSpec spec, IApplicationLibrary library, out ReleaseProblem? problem)
    {
        var found = ImmutableArray.CreateBuilder<ReleasedApplication>(spec.Applications.Length);
        var faults = new List<ApplicationFault>();
        foreach (var listed in spec.Applications)
        {
            var fault = FindApplication(listed, library, out var application);
            if (fault is null)
            {
                found.Add(application!);
            }
            else
            {
                faults.Insert(0, fault);
            }
        }

        problem = faults.Count == 0 ? null : new ReleaseProblem.ApplicationsUnreadable([.. faults]);
        return found.ToImmutable();
    }

    // The first folder with the right version wins. If there is none, a file that cannot be read is reported, because it may be the
    // wanted one; otherwise the first other version.
    private static ApplicationFault? FindApplication(
        ReleaseApplication listed, IApplicationLibrary library, out ReleasedApplication? application)
    {
        application = null;
        ApplicationFault? broken = null, other = null;
        foreach (var candidate in library.Find(listed.Name))
        {
            if (!candidate.Spec.Succeeded(out var spec, out var error))
            {
                broken ??= error.Fault is FileFault.NotFound or FileFault.Empty
                    ? null
                    : new ApplicationFault.Unreadable(error) { Application = listed.Name };
            }
            else if (spec.Version != listed.Version)
            {
                other ??= new ApplicationFault.OtherVersion(listed.Version, spec.Version, candidate.Folder) { Application = listed.Name };
            }
            else
            {
                return Accept(listed, spec, candidate.Folder, out application);
            }
        }

        return broken ?? other ?? new ApplicationFault.NotFound { Application = listed.Name };
    }

    private static ApplicationFault? Accept(
        ReleaseApplication listed, ApplicationSpec spec, string folder, out ReleasedApplication? application)
    {
        application = new ReleasedApplication(spec, listed.Type, folder);
        if (listed.Included is { } included)
        {
            if (included.Except(spec.IncludedApplications).ToArray() is [_, ..] others)
            {
                return new ApplicationFault.NotIncluded([.. others]) { Application = listed.Name };
            }

            application = application with { Spec = spec with { IncludedApplications = included } };
        }

        return spec.Name == listed.Name ? null : new ApplicationFault.OtherName(spec.Name) { Application = listed.Name };
    }
}
