namespace Midflight.Releases;

/// <summary>A library in memory, for plans whose appups are not in files.</summary>
public sealed class ApplicationLibrary : IApplicationLibrary
{
    private readonly Dictionary<string, List<FoundApplication>> _applications = [];
    private readonly Dictionary<string, Appup> _appups = [];

    /// <summary>Adds a version of an application.</summary>
    /// <param name="application">The application.</param>
    /// <param name="appup">How to upgrade to this version and go back, if that is known.</param>
    public void Add(ApplicationSpec application, Appup? appup = null)
    {
        ArgumentNullException.ThrowIfNull(application);
        var folder = Folder(application);
        if (!_applications.TryGetValue(application.Name, out var versions))
        {
            _applications[application.Name] = versions = [];
        }

        versions.Add(new FoundApplication(folder, application));
        if (appup is not null)
        {
            _appups[folder] = appup;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<FoundApplication> Find(string name) => _applications.GetValueOrDefault(name, []);

    /// <inheritdoc/>
    public FileRead<Appup> ReadAppup(string folder, string name) => _appups.TryGetValue(folder, out var appup)
        ? appup
        : new FileError($"{folder}/{name}.appup.json", 0, 0, "no such file", "an appup") { Fault = FileFault.NotFound };

    private static string Folder(ApplicationSpec application) => $"lib/{application.Name}-{application.Version}";
}
