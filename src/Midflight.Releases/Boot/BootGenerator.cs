namespace Midflight.Releases;

/// <summary>Generates what a node loads and starts for a release.</summary>
public static class BootGenerator
{
    /// <summary>Generates the boot script of a release.</summary>
    /// <param name="release">The release.</param>
    /// <returns>
    /// All code; the specifications of all applications except those of type none; and the start of all applications that are started and
    /// not included in another one.
    /// </returns>
    public static BootScript Generate(Release release)
    {
        ArgumentNullException.ThrowIfNull(release);
        var included = release.Applications.SelectMany(application => application.Spec.IncludedApplications).ToHashSet();
        return new BootScript(
            release.Spec.Name,
            release.Spec.Version,
            [.. release.Applications.Select(Code)],
            [.. release.Applications.Where(item => item.Type != StartType.None).Select(item => item.Spec.Name)],
            [
                .. release.Applications
                    .Where(item => item.Type is not (StartType.None or StartType.Load) && !included.Contains(item.Spec.Name))
                    .Select(item => new BootStart(item.Spec.Name, item.Type)),
            ]);
    }

    private static BootCode Code(ReleasedApplication application) => new(
        application.Spec.Name,
        application.Spec.Version,
        application.Folder,
        [.. application.Spec.Modules.Select(module => module.Name).Order(StringComparer.Ordinal)]);
}
