using System.Security.Cryptography;

namespace Midflight.Releases.Packages;

/// <summary>Writes a verified package to a separate folder, and from there into place.</summary>
internal static class Staging
{
    /// <summary>Puts a release in place completely, or leaves everything as it was.</summary>
    /// <exception cref="PackageRefusedException">A folder exists with other content, or the disk refuses.</exception>
    public static void Unpack(ReleaseLayout layout, ReleaseManifest manifest, string package)
    {
        try
        {
            Leftovers.Sweep(layout);
            var present = manifest.Folders.Where(folder => Directory.Exists(Path.Combine(layout.Root, folder))).ToHashSet();
            foreach (var folder in present)
            {
                CheckSame(layout, manifest, folder);
            }

            CheckRoom(layout, manifest, present);
            var staging = Path.Combine(
                layout.Releases, $"{ReleaseLayout.UnpackPrefix}{manifest.Version}-{Guid.NewGuid():N}");
            Extract(package, manifest, staging, path => ReleaseManifest.FolderOf(path) is not { } folder || !present.Contains(folder));
            DurableFile.FlushTree(staging);
            Move(layout, manifest, staging, present);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw PackageReader.Refuse(new PackageRefusal.CannotWrite(layout.Root, error.Message));
        }
        finally
        {
            TrySweep(layout);
        }
    }

    // The release is in place or it is not; what cannot be removed now is for the next sweep.
    private static void TrySweep(ReleaseLayout layout)
    {
        try
        {
            Leftovers.Sweep(layout);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Writes the chosen files of a package, and checks once more that each is the one which was verified.</summary>
    public static void Extract(string package, ReleaseManifest manifest, string folder, Func<string, bool> chosen)
    {
        Directory.CreateDirectory(folder);
        // The signatures come behind the manifest, where there are any; so they are not what is waited for.
        var left = manifest.Files.Keys.Append(manifest.FilePath).Count(chosen);
        PackageReader.ForEachFile(package, (path, entry) =>
        {
            if (!chosen(path))
            {
                return true;
            }

            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var stream = new FileStream(target, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            entry.DataStream?.CopyTo(stream);
            stream.Flush();
            stream.Position = 0;
            var digest = new FileDigest(Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
            if (path != manifest.FilePath && path != manifest.SignaturePath && (!manifest.Files.TryGetValue(path, out var expected) || expected != digest))
            {
                // The package was replaced between the two readings.
                throw PackageReader.Refuse(new PackageRefusal.WrongDigest(package, path));
            }

            if (!OperatingSystem.IsWindows() && ReleasePackage.IsExecutable(path))
            {
                File.SetUnixFileMode(target, File.GetUnixFileMode(target)
                    | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }

            left -= path == manifest.SignaturePath ? 0 : 1;
            return left > 0;
        });
    }

    private static void CheckRoom(ReleaseLayout layout, ReleaseManifest manifest, HashSet<string> present)
    {
        // What the file system needs besides, for the folders and the end of each file.
        const int OfFile = 4096;
        var needed = manifest.Files
            .Where(file => ReleaseManifest.FolderOf(file.Key) is not { } folder || !present.Contains(folder))
            .Sum(file => file.Value.Size + OfFile);

        if (new DriveInfo(layout.Root).AvailableFreeSpace is var free && needed > free)
        {
            throw PackageReader.Refuse(new PackageRefusal.NoRoom(layout.Root, needed, free));
        }
    }

    // A crash between two of these renames leaves the staging folder with the manifest in it, by which the next
    // sweep knows what to take back; the rename of releases/VERSION is the one that counts.
    private static void Move(ReleaseLayout layout, ReleaseManifest manifest, string staging, HashSet<string> present)
    {
        Directory.CreateDirectory(layout.Libraries);
        foreach (var folder in manifest.Folders.Where(folder => !present.Contains(folder)))
        {
            Directory.Move(Path.Combine(staging, folder), Path.Combine(layout.Root, folder));
        }

        MoveNewCommands(layout, staging);
        DurableFile.FlushFolder(layout.Libraries);
        DurableFile.FlushFolder(layout.Root);
        Directory.Move(Path.Combine(staging, "releases", manifest.Version), layout.Release(manifest.Version));
        DurableFile.FlushFolder(layout.Releases);
    }

    // A command that is there stays: it serves every release, and someone may be running it.
    private static void MoveNewCommands(ReleaseLayout layout, string staging)
    {
        var commands = Path.Combine(staging, "bin");
        if (!Directory.Exists(commands))
        {
            return;
        }

        var target = Path.Combine(layout.Root, "bin");
        Directory.CreateDirectory(target);
        foreach (var command in Directory.EnumerateFiles(commands))
        {
            var place = Path.Combine(target, Path.GetFileName(command));
            if (!File.Exists(place))
            {
                File.Move(command, place);
            }
        }

        DurableFile.FlushFolder(target);
    }

    private static void CheckSame(ReleaseLayout layout, ReleaseManifest manifest, string folder)
    {
        var here = Path.Combine(layout.Root, folder);
        var expected = manifest.Files.Where(file => ReleaseManifest.FolderOf(file.Key) == folder).ToList();
        foreach (var (path, digest) in expected)
        {
            var file = Path.Combine(layout.Root, path);
            if (!File.Exists(file) || FileDigest.Of(file) != digest)
            {
                throw PackageReader.Refuse(new PackageRefusal.OtherContent(folder, Path.GetRelativePath(here, file)));
            }
        }

        var names = expected.Select(file => Path.GetFullPath(Path.Combine(layout.Root, file.Key))).ToHashSet();
        if (Directory.EnumerateFiles(here, "*", SearchOption.AllDirectories).FirstOrDefault(file => !names.Contains(file)) is { } extra)
        {
            throw PackageReader.Refuse(new PackageRefusal.OtherContent(folder, Path.GetRelativePath(here, extra)));
        }
    }
}
