using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Midflight.Releases.Packages;

/// <summary>Writes and reads packages: a whole release in one <c>NAME-VERSION.tar.gz</c>.</summary>
/// <remarks>
/// A package is an ordinary tar file, so that <c>tar -xzf</c> in an empty folder is a first install. It contains a
/// manifest with the SHA-256 of every file. Its own SHA-256 is beside it in <c>NAME-VERSION.tar.gz.sha256</c>.
/// The same release gives the same bytes, whenever and wherever it is packed.
/// </remarks>
public static class ReleasePackage
{
    // GNU tar warns about the Unix epoch, so another fixed time is used.
    private static readonly DateTimeOffset FixedTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Packs a release on disk, including its manifest, and writes the digest beside the package.</summary>
    /// <param name="layout">The folder of the release.</param>
    /// <param name="manifest">Its contents; the manifest file already exists.</param>
    /// <param name="package">The file to write; an existing one is replaced when the new one is complete.</param>
    public static void Write(ReleaseLayout layout, ReleaseManifest manifest, string package)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(package);
        var unfinished = package + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using (var zipped = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            using (var tar = new TarWriter(zipped, TarEntryFormat.Gnu))
            {
                // The manifest comes first, so that its reader needs only the beginning. The largest part, which is usually already
                // installed, comes last, so that an unpack of the others need not read it.
                foreach (var path in Signatures(layout, manifest).Prepend(manifest.FilePath).Concat(manifest.Files.Keys.OrderBy(IsRuntime)))
                {
                    Add(tar, layout, path);
                }
            }

            file.Flush(flushToDisk: true);
        }

        File.Delete(package + ".sha256");
        File.Move(unfinished, package, overwrite: true);
        DurableFile.Write(package + ".sha256", Encoding.UTF8.GetBytes(
            $"{FileDigest.Of(package).Sha256}  {Path.GetFileName(package)}\n"));
    }

    private static string[] Signatures(ReleaseLayout layout, ReleaseManifest manifest) =>
        File.Exists(layout.SignatureFile(manifest.Version)) ? [manifest.SignaturePath] : [];

    /// <summary>Looks for the package of a release in all possible places.</summary>
    /// <returns>Its path, or null.</returns>
    public static string? Find(ReleaseLayout layout, string name, string version)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return layout.Packages(name, version).FirstOrDefault(File.Exists);
    }

    /// <summary>Reads a package without writing anything, and checks every digest.</summary>
    public static UnpackResult Verify(string package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return Try(() => File.Exists(package)
            ? PackageReader.Verify(package)
            : throw PackageReader.Refuse(new PackageRefusal.Damaged(package, "there is no such file")));
    }

    /// <summary>Puts the release of a package in place, beside the existing ones, without running it.</summary>
    /// <param name="layout">The target.</param>
    /// <param name="name">The name of the release that belongs there.</param>
    /// <param name="version">The version to unpack; its package is looked for in the root and in <c>releases</c>.</param>
    /// <param name="runtime">The version of the running .NET.</param>
    /// <returns>What was unpacked, or why nothing was; then nothing has changed and nothing is left behind.</returns>
    /// <remarks>
    /// The release is written to a separate folder on the same file system, flushed, and renamed into place: the
    /// applications first, <c>releases/VERSION</c> last, so that a release is installed completely or not at all. Remains of an
    /// interrupted unpack are removed by the next one, and by <see cref="Leftovers.Sweep"/> at the start.
    /// The caller makes sure that only one runs at a time.
    /// </remarks>
    public static UnpackResult Unpack(ReleaseLayout layout, string name, string version, System.Version runtime)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(runtime);
        return Try(() =>
        {
            if (Directory.Exists(layout.Release(version)))
            {
                throw PackageReader.Refuse(new PackageRefusal.ExistingRelease(version));
            }

            var package = Find(layout, name, version)
                ?? throw PackageReader.Refuse(new PackageRefusal.NoSuchPackage(name, version, layout.Root));
            var manifest = PackageReader.Verify(package, TrustedKeys.Read(layout));
            if ((manifest.Name, manifest.Version) != (name, version))
            {
                throw PackageReader.Refuse(new PackageRefusal.WrongRelease(
                    package, $"{name} {version}", $"{manifest.Name} {manifest.Version}"));
            }

            CheckRuntime(manifest, runtime);
            PackageBounds.CheckMidflight(layout, package, manifest);
            Staging.Unpack(layout, manifest, package);
            return manifest;
        });
    }

    /// <summary>Writes the files of a package to a folder that is not a node, for inspection.</summary>
    /// <param name="package">The package.</param>
    /// <param name="folder">An empty folder, or one that does not exist yet.</param>
    public static UnpackResult Extract(string package, string folder)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Try(() =>
        {
            var manifest = PackageReader.Verify(package);
            try
            {
                Staging.Extract(package, manifest, folder, static _ => true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw PackageReader.Refuse(new PackageRefusal.CannotWrite(folder, error.Message));
            }

            return manifest;
        });
    }

    private static void CheckRuntime(ReleaseManifest manifest, System.Version running)
    {
        if (manifest.IncludedRuntime is null
            && !(System.Version.TryParse(manifest.Runtime, out var needed) && needed.Major == running.Major && needed <= running))
        {
            throw PackageReader.Refuse(new PackageRefusal.WrongRuntime(manifest.Version, manifest.Runtime, running.ToString()));
        }
    }

    private static void Add(TarWriter tar, ReleaseLayout layout, string path)
    {
        using var content = File.OpenRead(Path.Combine(layout.Root, path));
        tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, path)
        {
            DataStream = content,
            Mode = IsExecutable(path) ? Executable : Readable,
            ModificationTime = FixedTime,
        });
    }

    private static bool IsRuntime(string path) =>
        path.StartsWith("lib/midflight-", StringComparison.Ordinal) || path.StartsWith("runtime-", StringComparison.Ordinal);

    // The command of the release, and .NET's own program if the release includes it.
    internal static bool IsExecutable(string path) => path.Split('/') switch
    {
        ["bin", _] => true,
        [_, "dotnet" or "createdump"] => true,
        [_, "shared", _, _, "createdump"] => true,
        _ => false,
    };

    private static UnpackResult Try(Func<ReleaseManifest> read)
    {
        try
        {
            return new UnpackResult.Done(read());
        }
        catch (PackageRefusedException refused)
        {
            return new UnpackResult.Refused(refused.Refusal);
        }
    }
}
