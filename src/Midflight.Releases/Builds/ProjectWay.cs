namespace Midflight.Releases.Builds;

/// <summary>Says for each project that a release refers to whether it is hot or shared.</summary>
internal static class ProjectWay
{
    /// <summary>The hot ones, in an application.</summary>
    /// <param name="part">The application.</param>
    /// <param name="root">The project that the release is built from; nothing is said about it.</param>
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

    /// <summary>A shared one.</summary>
    public static string Shared(Dependency project) => $"{project.Name} is shared: only a restart changes it";
}
