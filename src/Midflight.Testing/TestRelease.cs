using System.Collections.Immutable;
using Midflight.Releases;
using Midflight.Releases.Builds;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Testing;

/// <summary>Writes releases for the node of a test: their applications without a runtime, because the test is the runtime.</summary>
internal static class TestRelease
{
    // The same for all, so that no upgrade of a test asks for a restart: the tested code runs on the test's own.
    private const string Midflight = "1.0.0";
    private static readonly string s_runtime = Environment.Version.ToString();

    /// <summary>Writes what was built.</summary>
    /// <param name="layout">The target.</param>
    /// <param name="published">The build.</param>
    /// <param name="taken">Existing versions: one that is taken becomes <c>VERSION+now</c>.</param>
    public static ReleaseManifest Write(ReleaseLayout layout, Published published, IReadOnlyCollection<string> taken)
    {
        var built = Applications.Read(published, NodeHas).All;
        var applications = taken.Contains(built[0].Spec.Version) ? [.. built.Select(Now)] : built;
        return Seal(layout, ApplicationTree.Write(layout, published, applications, s_runtime));
    }

    /// <summary>Copies a release that <c>midflight release</c> has built.</summary>
    /// <param name="layout">The target.</param>
    /// <param name="path">Its package or its folder.</param>
    /// <param name="taken">Existing versions.</param>
    public static ReleaseManifest Copy(ReleaseLayout layout, string path, IReadOnlyCollection<string> taken)
    {
        var unpacked = Directory.CreateTempSubdirectory("midflight-test-").FullName;

        try
        {
            var release = EarlierRelease.Find(path, "", unpacked);

            if (taken.Contains(release.Version))
            {
                throw new InvalidOperationException($"{path} is release {release.Version}, and so is the other one. Give the newer one another version.");
            }

            var spec = ReleaseImage.Content(release.Layout.RelFile(release.Name, release.Version), ReleaseFile.Read);

            foreach (var folder in spec.Applications.Select(application => release.Layout.Library(application.Name, application.Version)).Append(release.Layout.Release(release.Version)))
            {
                foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                {
                    var copy = Path.Combine(layout.Root, Path.GetRelativePath(release.Layout.Root, file));
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    File.Copy(file, copy, overwrite: true);
                }
            }

            var here = spec with { Runtime = s_runtime };
            File.WriteAllText(layout.RelFile(here.Name, here.Version), ReleaseFile.Write(here));
            return Seal(layout, here);
        }
        finally
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    private static BuiltApplication Now(BuiltApplication application) =>
        application with { Spec = application.Spec with { Version = application.Spec.Version + "+now" } };

    private static ReleaseManifest Seal(ReleaseLayout layout, ReleaseSpec release)
    {
        ImmutableArray<string> folders = [.. release.Applications.Select(application => layout.Library(application.Name, application.Version)), layout.Release(release.Version)];
        var files = folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Where(file => file != layout.ManifestFile(release.Version))
            .Select(file => Path.GetRelativePath(layout.Root, file).Replace(Path.DirectorySeparatorChar, '/'));
        var manifest = ReleaseManifest.Of(layout, release.Name, release.Version, Midflight, release.Runtime, null, files);
        File.WriteAllBytes(layout.ManifestFile(release.Version), manifest.ToJson());
        return manifest;
    }

    // Of the test's assemblies, only Midflight's own belong to the node. All others belong to the tested code.
    private static Version? NodeHas(string assembly) => assembly switch
    {
        "Midflight" => typeof(Node).Assembly.GetName().Version,
        "Microsoft.Extensions.Logging.Abstractions" or "Microsoft.Extensions.DependencyInjection.Abstractions" => new Version(int.MaxValue, 0),
        _ => null,
    };
}
