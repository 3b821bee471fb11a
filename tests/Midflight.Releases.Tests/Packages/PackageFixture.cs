using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

/// <summary>A temporary place with a node's folder, and releases to put into it.</summary>
public sealed class PackageFixture : IDisposable
{
    internal static readonly Version Net = new(10, 0, 12);

    private readonly string _place = Directory.CreateTempSubdirectory("midflight-packages-").FullName;

    public PackageFixture() => Directory.CreateDirectory(Node.Releases);

    public ReleaseLayout Node => new(Path.Combine(_place, "node"));

    public void Dispose() => Directory.Delete(_place, recursive: true);

    /// <summary>Builds a release and packs it into the root of the node.</summary>
    public string Pack(string version, Action<Dictionary<string, string>>? change = null, string runtime = "10.0.0")
    {
        var built = Build(version, out var manifest, change, runtime);
        var package = Path.Combine(Node.Root, ReleaseLayout.PackageName("demo", version));
        ReleasePackage.Write(built, manifest, package);
        return package;
    }

    public ReleaseLayout Build(
        string version, out ReleaseManifest manifest, Action<Dictionary<string, string>>? change = null, string runtime = "10.0.0")
    {
        var files = new Dictionary<string, string>
        {
            ["bin/demo"] = "#!/bin/sh\n",
            [$"lib/demo-{version}/Demo.dll"] = $"code of {version}",
            [$"lib/demo-{version}/demo.app.json"] = "{}",
            ["lib/midflight-1.0.0/Midflight.dll"] = "runtime of the node",
            [$"releases/{version}/demo.rel.json"] = "{}",
            [$"releases/{version}/boot.json"] = "{}",
        };
        change?.Invoke(files);
        var layout = new ReleaseLayout(Path.Combine(_place, $"build-{version}-{Guid.NewGuid():N}"));
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(layout.Root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        manifest = ReleaseManifest.Of(layout, "demo", version, "1.0.0", runtime, null, files.Keys);
        File.WriteAllBytes(layout.ManifestFile(version), manifest.ToJson());
        return layout;
    }

    /// <summary>Packs anew with other entries, as one would who tampers with a package.</summary>
    public static void Repack(string package, Func<List<TarEntry>, IEnumerable<TarEntry>> change)
    {
        List<TarEntry> entries = [];
        using (var reader = new TarReader(new GZipStream(File.OpenRead(package), CompressionMode.Decompress)))
        {
            while (reader.GetNextEntry(copyData: true) is { } entry)
            {
                entries.Add(entry);
            }
        }

        File.Delete(package + ".sha256");
        using var writer = new TarWriter(new GZipStream(File.Create(package), CompressionMode.Compress));
        foreach (var entry in change(entries))
        {
            writer.WriteEntry(entry);
        }
    }

    public static TarEntry Entry(string path, string text) =>
        new GnuTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    public UnpackResult Unpack(string version) => ReleasePackage.Unpack(Node, "demo", version, Net);

    /// <summary>Every file and folder of the node, with the content of each file.</summary>
    public string[] Everything() =>
    [
        .. Directory.EnumerateFileSystemEntries(_place, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Path.Combine(_place, "build-"), StringComparison.Ordinal))
            .Select(path => $"{Path.GetRelativePath(_place, path)} {(File.Exists(path) ? FileDigest.Of(path) : null)}")
            .Order(StringComparer.Ordinal),
    ];
}
