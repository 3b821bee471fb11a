namespace Midflight;

/// <summary>In which order applications start.</summary>
internal static class DependencyOrder
{
    /// <summary>Each after those on which it depends; otherwise as given.</summary>
    /// <param name="applications">Those to be started.</param>
    /// <param name="running">Those that run.</param>
    /// <exception cref="ApplicationRefusedException">One runs or is given twice, or a dependency is missing or circular.</exception>
    internal static IReadOnlyList<ApplicationDefinition> Of(IReadOnlyList<ApplicationDefinition> applications, IReadOnlyCollection<ApplicationDefinition> running)
    {
        var ordered = new List<ApplicationDefinition>(applications.Count);
        var path = new List<string>();

        foreach (var application in applications)
        {
            if (running.Any(other => other.Name == application.Name))
            {
                throw new ApplicationRefusedException($"Application {application.Name} is already running. Stop it first, or leave it out.");
            }

            if (applications.Count(other => other.Name == application.Name) > 1)
            {
                throw new ApplicationRefusedException($"Application {application.Name} is listed twice. Leave one out.");
            }

            Add(application);
        }

        return ordered;

        void Add(ApplicationDefinition application)
        {
            if (ordered.Contains(application))
            {
                return;
            }

            if (path.Contains(application.Name))
            {
                throw new ApplicationRefusedException(
                    $"Applications depend on each other in a circle: {string.Join(" → ", path.SkipWhile(name => name != application.Name).Append(application.Name))}. Remove one of these dependencies.");
            }

            path.Add(application.Name);

            // One that is included runs when the one that includes it does.
            foreach (var name in application.Dependencies.Where(name => !application.Provides(name) && !running.Any(other => other.Provides(name))))
            {
                Add(applications.FirstOrDefault(other => other.Provides(name)) ?? throw new ApplicationRefusedException(
                    $"Application {application.Name} needs {name}, which is neither running nor about to start. Start {name} first, or add it to the release."));
            }

            path.RemoveAt(path.Count - 1);
            ordered.Add(application);
        }
    }
}
