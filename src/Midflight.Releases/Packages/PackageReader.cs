using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Midflight.Releases.Packages;

/// <summary>Reads the entries of a package, and refuses anything that no Midflight package contains.</summary>
internal static class PackageReader
{
    // For what is kept in memory: the manifest, its signatures, the list of applications.
    private const int LargestText = 16 * 1024 * 1024;

    /// <summary>Reads the whole package without writing anything, and compares it with its manifest.</summary>
    /// <exception cref="PackageRefusedException">It does not match its manifest.</exception>
    /// <param name="package">The file.</param>
    /// <param name="keys">The trusted keys; without any, packages from anybody are accepted.</param>
    public static ReleaseManifest Verify(string package, TrustedKeys? keys = null)
    {
        try
        {
            var (manifest, text, signatures) = Read(package);

            if (keys?.Problem(text, signatures) is { } problem)
            {
                throw Refuse(new PackageRefusal.NotTrusted(package, problem, keys.Folder));
            }

            return manifest;
        }
        // Memory: for example, an entry that .NET reads whole, such as a name of gigabytes.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            throw Refuse(new PackageRefusal.Damaged(package, error.Message));
        }
    }

    private static (ReleaseManifest Manifest, byte[] Text, byte[]? Signatures) Read(string package)
    {
        VerifySidecar(package);
        var found = new Dictionary<string, FileDigest>(StringComparer.Ordinal);
        var texts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        ForEachFile(package, (path, entry) =>
        {
            var digest = IsText(path) ? FileDigest.Of(texts[path] = ReadText(package, entry)) : Digest(entry);

            if (!found.TryAdd(path, digest))
            {
                throw Refuse(new PackageRefusal.FileTwice(package, path));
            }

            return true;
        });

        string[] manifests = [.. texts.Keys.Where(path => Path.GetFileName(path) == ReleaseManifest.FileName).Order(StringComparer.Ordinal)];
        if (manifests is not [var manifestPath, ..])
        {
            throw Refuse(new PackageRefusal.NoManifest(package));
        }

        if (manifests.Length > 1)
        {
            throw Refuse(new PackageRefusal.UnknownFile(package, manifests[1]));
        }

        var manifest = Parse(package, texts[manifestPath]);
        if (manifestPath != manifest.FilePath)
        {
            throw Refuse(new PackageRefusal.BadManifest(package, $"{manifestPath} describes release {manifest.Version}"));
        }

        // The manifest does not name these two.
        found.Remove(manifest.FilePath);
        found.Remove(manifest.SignaturePath);
        Compare(package, manifest, found);
        PackageBounds.Check(package, manifest, texts[$"releases/{manifest.Version}/{manifest.Name}.rel.json"]);
        return (manifest, texts[manifestPath], texts.GetValueOrDefault(manifest.SignaturePath));
    }

    // Files that are read, and not only digested.
    private static bool IsText(string path) => path.Split('/') is ["releases", _, var file]
        && (file is ReleaseManifest.FileName or ReleaseManifest.SignatureFileName || file.EndsWith(".rel.json", StringComparison.Ordinal));

    /// <summary>Calls a function for the files of a package, with their paths from the root of the release, until it returns false.</summary>
    /// <exception cref="PackageRefusedException">An entry is not a file or folder of a release, or the file is damaged.</exception>
    public static void ForEachFile(string package, Func<string, TarEntry, bool> goesOn)
    {
        try
        {
            using var file = File.OpenRead(package);
            using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            using var reader = new TarReader(unzipped);
            var limits = new PackageLimits(package);
            while (reader.GetNextEntry() is { } entry)
            {
                limits.Count(entry.Length);
                switch (entry.EntryType)
                {
                    case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                        if (!goesOn(PathOf(package, entry.Name), entry))
                        {
                            return;
                        }

                        break;
                    case TarEntryType.Directory:
                        // Folders are created with their files; a folder entry only has to stay inside.
                        if (entry.Name.TrimEnd('/') is not "." and not "")
                        {
                            _ = PathOf(package, entry.Name.TrimEnd('/') + "/.");
                        }

                        break;
                    case TarEntryType.GlobalExtendedAttributes:
                        break;
                    default:
                        throw Refuse(new PackageRefusal.NotAFile(package, entry.Name, Word(entry.EntryType)));
                }
            }

            // The end of the archive is not the end of the file: the gzip checksum follows.
            unzipped.CopyTo(Stream.Null);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException
            or ArgumentException or OverflowException)
        {
            throw Refuse(new PackageRefusal.Damaged(package, error.Message));
        }
    }

    public static PackageRefusedException Refuse(PackageRefusal refusal) => new(refusal);

    // Checked here for every entry, so that no later code can be led out of the release.
    private static string PathOf(string package, string name)
    {
        var path = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        var isFolder = path.EndsWith("/.", StringComparison.Ordinal);
        string[] steps = isFolder ? path[..^2].Split('/') : path.Split('/');
        var stays = steps.All(step => step is not "" and not "." and not ".." && !step.AsSpan().ContainsAny('\\', '\0', ':'))
            && steps[0] is var top
            && (top is "lib" or "releases" or "bin" || top.StartsWith("runtime-", StringComparison.Ordinal))
            && (isFolder || steps.Length > 1);
        return stays ? path : throw Refuse(new PackageRefusal.LeavesTheTarget(package, name));
    }

    private static FileDigest Digest(TarEntry entry) =>
        new(Convert.ToHexStringLower(SHA256.HashData(entry.DataStream ?? Stream.Null)), entry.Length);

    private static byte[] ReadText(string package, TarEntry entry)
    {
        if (entry.Length > LargestText)
        {
            throw Refuse(new PackageRefusal.BadManifest(package, $"{entry.Name} has {entry.Length} bytes, more than {LargestText}"));
        }

        using var text = new MemoryStream();
        entry.DataStream?.CopyTo(text);
        return text.ToArray();
    }

    private static ReleaseManifest Parse(string package, byte[] text)
    {
        try
        {
            return ReleaseManifest.FromJson(text);
        }
        catch (InvalidDataException error)
        {
            throw Refuse(new PackageRefusal.BadManifest(package, error.Message));
        }
    }

    private static void Compare(string package, ReleaseManifest manifest, Dictionary<string, FileDigest> found)
    {
        foreach (var path in found.Keys.Order(StringComparer.Ordinal))
        {
            if (!manifest.Files.TryGetValue(path, out var expected))
            {
                throw Refuse(new PackageRefusal.UnknownFile(package, path));
            }

            if (found[path] != expected)
            {
                throw Refuse(new PackageRefusal.WrongDigest(package, path));
            }
        }

        string[] needed = [.. manifest.Files.Keys, $"releases/{manifest.Version}/{manifest.Name}.rel.json"];
        if (needed.FirstOrDefault(path => !found.ContainsKey(path)) is { } missing)
        {
            throw Refuse(new PackageRefusal.MissingFile(package, missing));
        }
    }

    // `sha256sum NAME-VERSION.tar.gz > NAME-VERSION.tar.gz.sha256`; if it exists beside the package, it must match.
    private static void VerifySidecar(string package)
    {
        var sidecar = package + ".sha256";
        if (!File.Exists(sidecar))
        {
            return;
        }

        var expected = File.ReadAllText(sidecar).Split((char[])[' ', '\n', '\r', '\t'], 2)[0].ToLowerInvariant();
        var found = FileDigest.Of(package).Sha256;
        if (expected != found)
        {
            throw Refuse(new PackageRefusal.WrongPackageDigest(package, expected, found));
        }
    }

    private static string Word(TarEntryType type) => type switch
    {
        TarEntryType.SymbolicLink => "symbolic link",
        TarEntryType.HardLink => "hard link",
        TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "device",
        TarEntryType.Fifo => "pipe",
        _ => $"{type} entry",
    };
}
