using System.Collections.Immutable;
using Midflight.Releases;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Builds;

/// <summary>Writes a release to disk from build results.</summary>
/// <param name="Layout">Its folder, which contains nothing else.</param>
/// <param name="Release">Its contents.</param>
/// <param name="Settings">The settings of .NET.</param>
internal sealed record ReleaseTree(ReleaseLayout Layout, ReleaseSpec Release, RuntimeSettings Settings)
{
    /// <summary>Writes everything but plans, the manifest and the package.</summary>
    /// <exception cref="BuildRefusedException">The applications do not fit together, or the configuration is not a JSON object.</exception>
    public static ReleaseTree Write(
        ReleaseLayout layout, Published published, ImmutableArray<BuiltApplication> applications, bool includeRuntime, bool shell = true)
    {
        var settings = RuntimeSettings.Merge(
            Path.Combine(NodeRuntime.Folder, "Midflight.Cli.runtimeconfig.json"), published.RuntimeConfigFile);
        var release = ApplicationTree.Write(layout, published, applications, settings.Version);

        foreach (var file in NodeRuntime.Files(shell))
        {
            Folders.CopyFile(
                Path.Combine(NodeRuntime.Folder, file), Path.Combine(layout.Library("midflight", NodeRuntime.Version), file));
        }

        if (includeRuntime)
        {
            IncludedRuntime.Copy(layout.Runtime(Dotnet.Version.ToString()), settings.FrameworkNames);
        }

        File.WriteAllText(layout.RuntimeConfigFile(release.Version), settings.ToString());
        CommandScript.Write(layout.Command(release.Name), release.Name);
        return new(layout, release, settings);
    }

    /// <summary>Writes the manifest of everything that is there now.</summary>
    public ReleaseManifest Seal(bool includeRuntime)
    {
        var included = includeRuntime ? Dotnet.Version.ToString() : null;
        var start = new StartFile(Release.Version, NodeRuntime.Version, included);
        // The script reads this after a first install, when nothing has been committed yet.
        File.WriteAllText(Path.Combine(Layout.Release(Release.Version), "start.txt"), start + "\n");
        var files = Directory.EnumerateFiles(Layout.Root, "*", SearchOption.AllDirectories)
            .Where(file => file != Layout.ManifestFile(Release.Version))
            .Select(file => Path.GetRelativePath(Layout.Root, file).Replace(Path.DirectorySeparatorChar, '/'));
        var manifest = ReleaseManifest.Of(
            Layout, Release.Name, Release.Version, NodeRuntime.Version, Release.Runtime, included, files);
        File.WriteAllBytes(Layout.ManifestFile(Release.Version), manifest.ToJson());
        return manifest;
    }
}
