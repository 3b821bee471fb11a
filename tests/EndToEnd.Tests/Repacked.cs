using Midflight.Releases;
using Midflight.Releases.Packages;

namespace EndToEnd.Tests;

/// <summary>A package of octochat 0.2.0, taken apart, changed, and packed again: what a build would not make by itself.</summary>
internal sealed class Repacked : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repacked-").FullName;
    private readonly ReleaseManifest _manifest;

    private Repacked(string package)
    {
        Layout = new ReleaseLayout(Path.Combine(_folder, "root"));
        _manifest = Unpack(package);
    }

    public ReleaseLayout Layout { get; }

    /// <summary>The changed package.</summary>
    public string Package { get; private set; } = "";

    /// <summary>Takes octochat 0.2.0 apart and packs it again.</summary>
    public static async Task<Repacked> Of(Action<Repacked> change)
    {
        var repacked = new Repacked(await Releases.Octochat("0.2.0"));
        change(repacked);
        repacked.Pack();
        return repacked;
    }

    private ReleaseManifest Unpack(string package) => ReleasePackage.Extract(package, Layout.Root) switch
    {
        UnpackResult.Done(var manifest) => manifest,
        var other => throw new InvalidOperationException(other.ToString()),
    };

    /// <summary>Changes its relup, both ways.</summary>
    public void ChangeRelup(Func<RelupScript, IEnumerable<LowLevel>> change)
    {
        var file = Layout.RelupFile("0.2.0");
        Assert.True(RelupFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var relup, out var error), error?.ToString());
        RelupScript Changed(RelupScript script) => script with { Instructions = [.. change(script)] };
        File.WriteAllText(file, RelupFile.Write(new(relup.Version, [.. relup.Up.Select(Changed)], [.. relup.Down.Select(Changed)])));
    }

    /// <summary>Gives it the same Midflight under a later version. The relup that was made for this one is of no use then.</summary>
    /// <returns>The folder of it.</returns>
    public string ChangeMidflight()
    {
        var (old, now) = ($"lib/midflight-{_manifest.Midflight}", "lib/midflight-99.0.0");
        Directory.Move(Path.Combine(Layout.Root, old), Path.Combine(Layout.Root, now));
        var start = Path.Combine(Layout.Release("0.2.0"), "start.txt");
        File.WriteAllText(start, File.ReadAllText(start).Replace(_manifest.Midflight, "99.0.0", StringComparison.Ordinal));
        File.Delete(Layout.RelupFile("0.2.0"));
        return now;
    }

    private void Pack()
    {
        var files = Directory.EnumerateFiles(Layout.Root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Layout.Root, file))
            .Where(file => file != _manifest.FilePath);
        var midflight = Directory.Exists(Path.Combine(Layout.Root, "lib/midflight-99.0.0")) ? "99.0.0" : _manifest.Midflight;
        var manifest = ReleaseManifest.Of(Layout, _manifest.Name, _manifest.Version, midflight, _manifest.Runtime, _manifest.IncludedRuntime, files);
        File.WriteAllBytes(Layout.ManifestFile("0.2.0"), manifest.ToJson());
        Package = Path.Combine(_folder, ReleaseLayout.PackageName(manifest.Name, manifest.Version));
        ReleasePackage.Write(Layout, manifest, Package);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
