namespace Midflight;

/// <summary>The order in which applications start.</summary>
internal static class DependencyOrder
{
    /// <summary>Each after its dependencies; otherwise in the given order.</summary>
    /// <param name="applications">The applications to start.</param>
    /// <param name="running">The running applications.</param>
    /// <exception cref="ApplicationRefusedException">One is already running or given twice, or a dependency is missing or circular.</exception>
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

            // An included application runs when the including one does.
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
