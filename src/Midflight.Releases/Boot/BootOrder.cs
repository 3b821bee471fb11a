using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Puts the applications of a release in the order of the release, each after those that it depends on and includes.</summary>
internal static class BootOrder
{
    public static ReleaseProblem? Sort(
        ImmutableArray<ReleasedApplication> applications, ReleaseSpec release, out ImmutableArray<ReleasedApplication> sorted)
    {
        var waiting = applications.Select(application => InOrderOf(release, application)).ToImmutableList();
        var done = ImmutableArray.CreateBuilder<ReleasedApplication>(applications.Length);
        var visited = new HashSet<(string Name, string Version)>();
        var names = new HashSet<string>();
        List<string> missing = [];
        List<(string Name, string Version)> circular = [];

        while (!waiting.IsEmpty)
        {
            var application = waiting[0];
            var key = (application.Spec.Name, application.Spec.Version);
            waiting = waiting.RemoveAt(0);
            var uses = Take(application, application.Spec.Applications, ref waiting, names, out var unused);
            var includes = Take(application, application.Spec.IncludedApplications, ref waiting, names, out var unincluded);
            missing.InsertRange(0, unused.Without(application.Spec.OptionalApplications).Concat(unincluded));
            ImmutableList<ReleasedApplication> first = [.. uses, .. includes];
            if (first.IsEmpty)
            {
                done.Add(application);
            }
            else
            {
                // An application that was visited before and comes up again is on a circle.
                var again = first.Select(item => (item.Spec.Name, item.Spec.Version)).Where(visited.Contains).ToArray();
                if (again.Length > 0)
                {
                    circular.InsertRange(0, [key, .. again]);
                }

                waiting = [.. first, application, .. waiting];
                foreach (var (name, _) in again)
                {
                    waiting = waiting.RemoveAt(waiting.FindIndex(item => item.Spec.Name == name));
                }
            }

            visited.Add(key);
            names.Add(application.Spec.Name);
        }

        sorted = done.ToImmutable();
        return (missing, circular) switch
        {
            ([], []) => null,
            (_, []) => new ReleaseProblem.Undefined([.. missing.Distinct()]),
            _ => new ReleaseProblem.Circular([.. circular.Distinct().Select(item => item.Name)], [.. missing.Distinct()]),
        };
    }

    // Takes the named applications out of those that wait. One that includes the asking application may depend on it, and keeps waiting.
    private static List<ReleasedApplication> Take(
        ReleasedApplication asking,
        ImmutableArray<string> wanted,
        ref ImmutableList<ReleasedApplication> waiting,
        HashSet<string> visited,
        out List<string> missing)
    {
        List<ReleasedApplication> taken = [];
        missing = [];
        foreach (var name in wanted)
        {
            var at = waiting.FindIndex(application => application.Spec.Name == name);
            if (at >= 0 && !waiting[at].Spec.IncludedApplications.Contains(asking.Spec.Name))
            {
                taken.Add(waiting[at]);
                waiting = waiting.RemoveAt(at);
            }
            else if (!visited.Contains(name))
            {
                missing.Add(name);
            }
        }

        return taken;
    }

    // Otherwise start and load order would depend on the order in which an application happens to list its dependencies.
    private static ReleasedApplication InOrderOf(ReleaseSpec release, ReleasedApplication application)
    {
        var spec = application.Spec;
        return application with
        {
            Spec = spec with
            {
                Applications = Sort(spec.Applications),
                IncludedApplications = Sort(spec.IncludedApplications),
            },
        };

        ImmutableArray<string> Sort(ImmutableArray<string> names) => [.. names.OrderBy(Place)];

        int Place(string name)
        {
            var place = 0;
            while (place < release.Applications.Length && release.Applications[place].Name != name)
            {
                place++;
            }

            return place;
        }
    }
}
