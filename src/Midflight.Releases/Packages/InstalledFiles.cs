using System.Text;

namespace Midflight.Releases.Packages;

/// <summary>Compares a release in place with its manifest.</summary>
/// <remarks>
/// A file is read once; while its <see cref="FileStamp"/> does not change, its digest is known. The digests are kept in <c>run/digests.txt</c>, one
/// line per file: <c>STAMP SHA256 PATH</c>. Anyone who can write that file can write the others as well.
/// </remarks>
public static class InstalledFiles
{
    /// <summary>Looks for a file that is missing or is not the release's own.</summary>
    /// <param name="layout">The folder of the release.</param>
    /// <param name="version">Its version.</param>
    /// <param name="runs">Whether the release is about to run: its Midflight and .NET are already running then, and are not checked.</param>
    /// <returns>What is wrong, as the end of a sentence about the file; null if nothing is, or if there is no manifest to compare with.</returns>
    /// <remarks><c>config.json</c> belongs to the operator, who may change it.</remarks>
    public static (string File, string Problem)? Damage(ReleaseLayout layout, string version, bool runs = false)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!File.Exists(layout.ManifestFile(version)))
        {
            return null;
        }

        try
        {
            var text = File.ReadAllBytes(layout.ManifestFile(version));
            var manifest = ReleaseManifest.FromJson(text);
            var signatures = File.Exists(layout.SignatureFile(version)) ? File.ReadAllBytes(layout.SignatureFile(version)) : null;

            if (TrustedKeys.Read(layout) is { } keys && keys.Problem(text, signatures) is { } distrust)
            {
                return (layout.ManifestFile(version), $"{distrust} ({keys.Folder})");
            }

            return Compare(layout, manifest, runs);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (layout.ManifestFile(version), error.Message);
        }
    }

    private static (string File, string Problem)? Compare(ReleaseLayout layout, ReleaseManifest manifest, bool runs)
    {
        var known = Read(layout);
        var isNew = false;

        foreach (var (path, expected) in manifest.Files)
        {
            var file = Path.Combine(layout.Root, path);

            if (path == $"releases/{manifest.Version}/config.json" || path.StartsWith("bin/", StringComparison.Ordinal)
                || (runs && (path.StartsWith($"lib/midflight-{manifest.Midflight}/", StringComparison.Ordinal) || path.StartsWith("runtime-", StringComparison.Ordinal))))
            {
                continue;
            }

            if (!File.Exists(file))
            {
                return (file, "it is missing");
            }

            // Before the file is read: a change meanwhile gives it another stamp.
            var stamp = FileStamp.Of(file);

            if (stamp is not null && known.TryGetValue(path, out var seen) && seen.Stamp == stamp)
            {
                if (seen.Sha256 == expected.Sha256)
                {
                    continue;
                }

                return (file, "it is not the release's own file (wrong digest)");
            }

            var found = FileDigest.Of(file);

            if (found != expected)
            {
                return (file, "it is not the release's own file (wrong digest)");
            }

            if (stamp is not null)
            {
                (known[path], isNew) = ((stamp, found.Sha256), true);
            }
        }

        if (isNew)
        {
            Write(layout, known);
        }

        return null;
    }

    // A file that cannot be read is checked again.
    private static Dictionary<string, (string Stamp, string Sha256)> Read(ReleaseLayout layout)
    {
        var known = new Dictionary<string, (string, string)>(StringComparer.Ordinal);

        if (File.Exists(layout.DigestsFile))
        {
            foreach (var line in File.ReadLines(layout.DigestsFile))
            {
                if (line.Split(' ', 3) is [var stamp, { Length: 64 } digest, var path])
                {
                    known[path] = (stamp, digest);
                }
            }
        }

        return known;
    }

    private static void Write(ReleaseLayout layout, Dictionary<string, (string Stamp, string Sha256)> known)
    {
        var text = new StringBuilder();

        foreach (var (path, (stamp, digest)) in known)
        {
            if (File.Exists(Path.Combine(layout.Root, path)))
            {
                text.Append(stamp).Append(' ').Append(digest).Append(' ').Append(path).Append('\n');
            }
        }

        try
        {
            Directory.CreateDirectory(layout.Run);
            var unfinished = layout.DigestsFile + ".new";
            File.WriteAllText(unfinished, text.ToString());
            File.Move(unfinished, layout.DigestsFile, overwrite: true);
        }
        // The next check reads the files again.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
