namespace Midflight.Releases.Packages;

/// <summary>Removes releases, and what an interrupted unpack or removal left behind.</summary>
public static class Leftovers
{
    /// <summary>
    /// Removes the folder of every unfinished unpack or removal, with the applications that only it needs.
    /// Called before each unpack and at the start of a node; does nothing if there is nothing.
    /// </summary>
    /// <remarks>While the manifest of an installed release cannot be read, no application is removed, because it may belong to that release.</remarks>
    public static void Sweep(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!Directory.Exists(layout.Releases))
        {
            return;
        }

        foreach (var leftover in Directory.GetDirectories(layout.Releases, ".*").Where(IsLeftover))
        {
            if (RemoveFolders(layout, leftover))
            {
                Directory.Delete(leftover, recursive: true);
            }
        }
    }

    /// <summary>Removes a release with the applications that no other release needs.</summary>
    /// <remarks>
    /// The rename at the beginning is the one step that counts: before it the release is there, after it gone, and
    /// the rest is swept by this call, or after a crash by the next start.
    /// </remarks>
    public static void Remove(ReleaseLayout layout, string version)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!Directory.Exists(layout.Release(version)))
        {
            return;
        }

        var leaving = Path.Combine(layout.Releases, $"{ReleaseLayout.RemovePrefix}{version}-{Guid.NewGuid():N}");
        Directory.Move(layout.Release(version), leaving);
        DurableFile.FlushFolder(layout.Releases);
        Sweep(layout);
    }

    /// <summary>The manifests of all installed releases. Those that cannot be read, or are in a folder with another name, are left out.</summary>
    internal static IEnumerable<ReleaseManifest> Manifests(ReleaseLayout layout) =>
        InPlace(layout).Where(place => place.Manifest?.Version == place.Folder).Select(place => place.Manifest!);

    /// <summary>Folders among the releases that have a manifest but are not releases: the reasons, in whole sentences.</summary>
    internal static IEnumerable<string> Unreadable(ReleaseLayout layout) =>
        from place in InPlace(layout)
        where place.Manifest?.Version != place.Folder
        select place.Manifest is { } manifest
            ? $"{layout.Release(place.Folder)} is ignored: its manifest is that of release {manifest.Version}. Move it elsewhere, or remove it."
            : $"{layout.ManifestFile(place.Folder)} cannot be read: {place.Problem} Copy it from the package again, or remove the folder.";

    private static IEnumerable<(string Folder, ReleaseManifest? Manifest, string? Problem)> InPlace(ReleaseLayout layout)
    {
        foreach (var folder in Directory.Exists(layout.Releases) ? Directory.EnumerateDirectories(layout.Releases) : [])
        {
            var file = Path.Combine(folder, ReleaseManifest.FileName);

            if (!IsLeftover(folder) && File.Exists(file))
            {
                var manifest = TryRead(file, out var problem);
                yield return (Path.GetFileName(folder), manifest, problem);
            }
        }
    }

    private static bool IsLeftover(string folder) =>
        Path.GetFileName(folder) is var name
        && (name.StartsWith(ReleaseLayout.UnpackPrefix, StringComparison.Ordinal)
            || name.StartsWith(ReleaseLayout.RemovePrefix, StringComparison.Ordinal));

    // Only folders that the leftover names and no installed release does. Without a readable manifest, the unpack was interrupted
    // while it was still writing to its own folder, so nothing else of it exists. False if it has to wait.
    private static bool RemoveFolders(ReleaseLayout layout, string leftover)
    {
        var manifest = Directory.EnumerateFiles(leftover, ReleaseManifest.FileName, SearchOption.AllDirectories)
            .Where(file => IsManifestPlace(Path.GetRelativePath(leftover, file)))
            .Select(file => TryRead(file, out _))
            .OfType<ReleaseManifest>()
            .FirstOrDefault();
        if (manifest is null)
        {
            return true;
        }

        var needed = Manifests(layout).SelectMany(release => release.Folders).ToHashSet();
        var going = manifest.Folders.Where(folder => !needed.Contains(folder) && Directory.Exists(Path.Combine(layout.Root, folder))).ToList();
        if (going.Count > 0 && InPlace(layout).Any(place => place.Manifest is null))
        {
            // The next sweep will tell, when that manifest is repaired or gone.
            return false;
        }

        foreach (var folder in going)
        {
            // Moved first, so that a crash in the middle leaves no partial application under its name.
            var leaving = Path.Combine(leftover, "leaving-" + Path.GetFileName(folder));
            if (Directory.Exists(leaving))
            {
                Directory.Delete(leaving, recursive: true);
            }

            Directory.Move(Path.Combine(layout.Root, folder), leaving);
        }

        return true;
    }

    private static bool IsManifestPlace(string path) => path.Split(Path.DirectorySeparatorChar) is
        [ReleaseManifest.FileName] or ["releases", _, ReleaseManifest.FileName];

    private static ReleaseManifest? TryRead(string file, out string? problem)
    {
        problem = null;
        try
        {
            return ReleaseManifest.FromJson(File.ReadAllBytes(file));
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
            return null;
        }
    }
}
