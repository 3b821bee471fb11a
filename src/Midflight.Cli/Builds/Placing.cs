using Midflight.Releases.Packages;

namespace Midflight.Cli.Builds;

/// <summary>Puts a built release into the output folder, beside earlier ones.</summary>
internal static class Placing
{
    /// <summary>Puts a release in place; the same version is replaced.</summary>
    /// <exception cref="Failure">A folder of another release has the same name but different content.</exception>
    public static void Put(ReleaseLayout built, ReleaseLayout target, ReleaseManifest manifest)
    {
        Directory.CreateDirectory(target.Releases);
        var present = ReleasesFile.Read(target);
        var others = present.Where(release => release.Version != manifest.Version).ToList();
        if (present.FirstOrDefault(release => release.Name != manifest.Name) is { } stranger)
        {
            throw new Failure($"{target.Root} holds the release {stranger.Name}, not {manifest.Name}. Choose another --output.");
        }

        foreach (var other in others.Select(release => ReleaseManifest.Read(target, release.Version)))
        {
            CheckShared(manifest, other);
        }

        foreach (var folder in manifest.Folders)
        {
            Folders.Clear(Path.Combine(target.Root, folder));
        }

        Folders.Clear(target.Release(manifest.Version));
        Folders.Copy(built.Root, target.Root);
        if (others.All(release => release.Status is not ReleaseStatus.Permanent))
        {
            ReleasesFile.Write(target, [new(manifest.Name, manifest.Version, ReleaseStatus.Permanent), .. others]);
            StartFile.Of(manifest).Write(target);
        }
    }

    private static void CheckShared(ReleaseManifest manifest, ReleaseManifest other)
    {
        foreach (var folder in manifest.Folders.Intersect(other.Folders))
        {
            var differing = Of(manifest, folder).Except(Of(other, folder)).Concat(Of(other, folder).Except(Of(manifest, folder)))
                .Select(file => file.Key).Order(StringComparer.Ordinal).FirstOrDefault();
            if (differing is not null)
            {
                throw new Failure(
                    $"{differing} differs from the file in release {other.Version}, which also needs {folder}. " +
                    "Give the changed application a new version, or choose another --output.");
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, FileDigest>> Of(ReleaseManifest manifest, string folder) =>
        manifest.Files.Where(file => ReleaseManifest.FolderOf(file.Key) == folder);
}
