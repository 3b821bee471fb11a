namespace Midflight.Releases.Builds;

/// <summary>Says which way a project goes that a release refers to.</summary>
internal static class ProjectWay
{
    /// <summary>Those that are hot, in an application.</summary>
    /// <param name="part">The application.</param>
    /// <param name="root">The project that the release is built from: of itself there is nothing to say.</param>
    /// <param name="names">The names of the applications, by project.</param>
    public static IEnumerable<string> Of(ApplicationParts part, string root, IReadOnlyDictionary<string, string> names)
    {
        if (part.Project.Name != root)
        {
            yield return $"{part.Project.Name} is hot: the application {names[part.Project.Name]}";
        }

        foreach (var own in part.Own.Skip(1))
        {
            yield return $"{own.Name} is hot: a part of {names[part.Project.Name]}. A host program that also refers to it shares it";
        }
    }

    /// <summary>One that is shared.</summary>
    public static string Shared(Dependency project) => $"{project.Name} is shared: only a restart changes it";
}
