namespace Midflight.Releases.Packages;

/// <summary>Removes releases, and what a killed unpack or removal left behind.</summary>
public static class Leftovers
{
    /// <summary>
    /// Removes every folder of an unpack or removal that did not end, with those applications that only it needs.
    /// Called before each unpack and at the start of a node; does nothing where there is nothing.
    /// </summary>
    public static void Sweep(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!Directory.Exists(layout.Releases))
        {
            return;
        }

        foreach (var leftover in Directory.GetDirectories(layout.Releases, ".*").Where(IsLeftover))
        {
            RemoveFolders(layout, leftover);
            Directory.Delete(leftover, recursive: true);
        }
    }

    /// <summary>Removes a release with those of its applications that no other release needs.</summary>
    /// <remarks>
    /// The rename that begins it is the one step that counts: before it the release is there, behind it gone, and
    /// what is left is swept, by this call or after a crash by the next start.
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

    /// <summary>The manifests of all releases that are in place.</summary>
    internal static IEnumerable<ReleaseManifest> Manifests(ReleaseLayout layout) =>
        !Directory.Exists(layout.Releases)
            ? []
            : from folder in Directory.EnumerateDirectories(layout.Releases)
              where !IsLeftover(folder) && File.Exists(Path.Combine(folder, ReleaseManifest.FileName))
              select ReleaseManifest.Read(layout, Path.GetFileName(folder));

    private static bool IsLeftover(string folder) =>
        Path.GetFileName(folder) is var name
        && (name.StartsWith(ReleaseLayout.UnpackPrefix, StringComparison.Ordinal)
            || name.StartsWith(ReleaseLayout.RemovePrefix, StringComparison.Ordinal));

    // Only what the leftover names and no release in place does. Without a readable manifest the unpack was killed
    // while it was still writing to its own folder, so there is nothing else of it.
    private static void RemoveFolders(ReleaseLayout layout, string leftover)
    {
        var manifest = Directory.EnumerateFiles(leftover, ReleaseManifest.FileName, SearchOption.AllDirectories)
            .Where(file => IsManifestPlace(Path.GetRelativePath(leftover, file)))
            .Select(TryRead)
            .OfType<ReleaseManifest>()
            .FirstOrDefault();
        if (manifest is null)
        {
            return;
        }

        var needed = Manifests(layout).SelectMany(release => release.Folders).ToHashSet();
        foreach (var folder in manifest.Folders.Where(folder => !needed.Contains(folder)))
        {
            var place = Path.Combine(layout.Root, folder);
            if (Directory.Exists(place))
            {
                // Moved first, so that a crash in the middle leaves no half of an application under its name.
                var leaving = Path.Combine(leftover, "leaving-" + Path.GetFileName(folder));
                if (Directory.Exists(leaving))
                {
                    Directory.Delete(leaving, recursive: true);
                }

                Directory.Move(place, leaving);
            }
        }
    }

    private static bool IsManifestPlace(string path) => path.Split(Path.DirectorySeparatorChar) is
        [ReleaseManifest.FileName] or ["releases", _, ReleaseManifest.FileName];

    private static ReleaseManifest? TryRead(string file)
    {
        try
        {
            return ReleaseManifest.FromJson(File.ReadAllBytes(file));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
