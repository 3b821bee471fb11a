using System.Collections.Immutable;
using System.Globalization;
using Midflight.Cli.Builds;
using Midflight.Releases;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Development;

/// <summary>Writes the releases of a node that follows edits: the first one whole, and of later ones only what has changed.</summary>
/// <remarks>The version of the project does not change; <c>+2</c>, <c>+3</c>… after it distinguish the releases.</remarks>
internal sealed class DevReleases
{
    private readonly Published _published;
    private readonly ReleaseTree _first;
    private ReleaseManifest _manifest;
    private ImmutableArray<BuiltApplication> _applications;
    private int _number = 1;

    private DevReleases(Published published, ReleaseTree first, ReleaseManifest manifest, ImmutableArray<BuiltApplication> applications) =>
        (_published, _first, _manifest, _applications) = (published, first, manifest, applications);

    /// <summary>Their folder.</summary>
    public ReleaseLayout Layout => _first.Layout;

    /// <summary>Their name.</summary>
    public string Name => _manifest.Name;

    /// <summary>Writes the first one into an empty folder.</summary>
    public static DevReleases Begin(string folder, Published published)
    {
        Folders.Clear(folder);
        var applications = Applications.Read(published, NodeRuntime.Has).All;
        var tree = ReleaseTree.Write(new ReleaseLayout(folder), published, applications, includeRuntime: false);
        return new(published, tree, tree.Seal(includeRuntime: false), applications);
    }

    /// <summary>Writes the next one.</summary>
    /// <returns>Its version.</returns>
    /// <exception cref="BuildRefusedException">The build result is no longer a release.</exception>
    public string Next()
    {
        var built = Applications.Read(_published, NodeRuntime.Has).All;
        var number = (++_number).ToString(CultureInfo.InvariantCulture);
        var known = _applications.ToDictionary(application => application.Spec.Name);
        ImmutableArray<BuiltApplication> next =
        [
            .. built.Select((application, index) => index > 0 && known.TryGetValue(application.Spec.Name, out var before) && IsSame(application, before)
                ? before
                : application with { Spec = application.Spec with { Version = $"{application.Spec.Version}+{number}" } }),
        ];
        var release = ApplicationTree.Write(Layout, _published, next, _first.Release.Runtime);
        File.WriteAllText(Layout.RuntimeConfigFile(release.Version), _first.Settings.ToString());
        File.WriteAllText(Path.Combine(Layout.Release(release.Version), "start.txt"), $"{new StartFile(release.Version, NodeRuntime.Version, null)}\n");

        // The files of Midflight itself stay, and are not digested again.
        var written = next.Select(application => Layout.Library(application.Spec.Name, application.Spec.Version)).Append(Layout.Release(release.Version))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Layout.Root, file).Replace(Path.DirectorySeparatorChar, '/'));
        var own = ReleaseManifest.Of(Layout, release.Name, release.Version, NodeRuntime.Version, release.Runtime, null, written);
        var manifest = own with
        {
            Files = own.Files.AddRange(_manifest.Files.Where(file =>
                file.Key.StartsWith("bin/", StringComparison.Ordinal) || file.Key.StartsWith($"lib/midflight-{NodeRuntime.Version}/", StringComparison.Ordinal))),
        };
        File.WriteAllBytes(Layout.ManifestFile(release.Version), manifest.ToJson());
        (_manifest, _applications) = (manifest, next);
        return release.Version;
    }

    private static bool IsSame(BuiltApplication application, BuiltApplication before) =>
        application.Files.SequenceEqual(before.Files) && application.Spec.Modules.SequenceEqual(before.Spec.Modules)
        && application.Assemblies.SelectMany(assembly => assembly.Types).SequenceEqual(before.Assemblies.SelectMany(assembly => assembly.Types), TypeEntryHash.Instance);

    private sealed class TypeEntryHash : IEqualityComparer<TypeEntry>
    {
        public static readonly TypeEntryHash Instance = new();

        public bool Equals(TypeEntry? x, TypeEntry? y) => x?.FullName == y?.FullName && x?.Hash == y?.Hash;

        public int GetHashCode(TypeEntry obj) => obj.Hash.GetHashCode(StringComparison.Ordinal);
    }
}
