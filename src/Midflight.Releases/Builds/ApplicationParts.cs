using System.Collections.Immutable;

namespace Midflight.Releases.Builds;

/// <summary>An application, as found in the build results: the projects and packages that belong to it.</summary>
/// <param name="Project">The application's main project.</param>
/// <param name="Own">All projects whose assemblies are its own, that one first.</param>
/// <param name="Packages">The packages that it brings.</param>
/// <param name="Uses">The projects of the applications that it refers to.</param>
internal sealed record ApplicationParts(
    Dependency Project, ImmutableArray<Dependency> Own, ImmutableArray<Dependency> Packages, ImmutableArray<string> Uses)
{
    /// <summary>Divides the build results among applications.</summary>
    /// <param name="root">The project that the release is built from.</param>
    /// <param name="all">Everything that was built with it.</param>
    /// <param name="nodeHas">Whether the node has it, so that no application brings it.</param>
    /// <param name="refersToMidflight">Whether a project can have modules.</param>
    /// <param name="shared">Projects whose types are the same in all code versions: they are treated as packages.</param>
    /// <remarks>
    /// A project that refers to Midflight is an application. A project that does not belongs to the application that uses
    /// it. If several use it, it is an application without processes, so that each of its types exists once.
    /// </remarks>
    public static ImmutableArray<ApplicationParts> Divide(
        string root, ImmutableArray<Dependency> all, Func<Dependency, bool> nodeHas, Func<Dependency, bool> refersToMidflight,
        IReadOnlySet<string> shared)
    {
        var known = all.Where(dependency => !nodeHas(dependency))
            .Select(dependency => shared.Contains(dependency.Name) ? dependency with { IsProject = false } : dependency)
            .ToDictionary(dependency => dependency.Name);
        var applications = known.Values
            .Where(dependency => dependency.IsProject && (dependency.Name == root || refersToMidflight(dependency)))
            .Select(dependency => dependency.Name)
            .ToHashSet();

        // Making one an application may leave others with a single user, but never with more. So this goes one by one, until all fit.
        while (known.Values.FirstOrDefault(dependency => dependency.IsProject && !applications.Contains(dependency.Name)
            && applications.Count(application => Reach(application).Contains(dependency)) > 1) is { } several)
        {
            applications.Add(several.Name);
        }

        return [.. applications.Order(StringComparer.Ordinal).Select(Parts)];

        ApplicationParts Parts(string name)
        {
            var reached = Reach(name);
            Dependency[] own = [.. reached.Where(dependency => dependency.IsProject && !applications.Contains(dependency.Name))];
            return new(
                known[name],
                [known[name], .. own],
                [.. reached.Where(dependency => !dependency.IsProject)],
                [.. own.Append(known[name]).SelectMany(dependency => dependency.Dependencies)
                    .Where(used => used != name && applications.Contains(used)).Distinct().Order(StringComparer.Ordinal)]);
        }

        // Up to other applications, which bring what they reach themselves.
        List<Dependency> Reach(string from)
        {
            var reached = new List<Dependency>();
            var open = new Queue<Dependency>([known[from]]);
            while (open.TryDequeue(out var at))
            {
                foreach (var name in at.Dependencies.Order(StringComparer.Ordinal))
                {
                    if (known.TryGetValue(name, out var next) && !reached.Contains(next)
                        && !applications.Contains(name))
                    {
                        reached.Add(next);
                        open.Enqueue(next);
                    }
                }
            }

            return reached;
        }
    }
}
