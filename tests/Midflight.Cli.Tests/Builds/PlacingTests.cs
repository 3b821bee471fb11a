using Midflight.Cli.Builds;
using Midflight.Releases.Packages;

namespace Midflight.Cli.Tests.Builds;

public sealed class PlacingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-placing-").FullName;

    public PlacingTests() => Target = new(Path.Combine(_folder, "target"));

    private ReleaseLayout Target { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_release_in_a_folder_is_permanent_and_later_ones_are_unpacked()
    {
        Put("demo", "0.1.0", "1");
        Put("demo", "0.2.0", "1");

        Assert.Equal(["demo 0.2.0 unpacked", "demo 0.1.0 permanent"], ReleasesFile.Read(Target).Select(release => release.ToString()));
        Assert.Equal("0.1.0 1.0.0 -\n", File.ReadAllText(Target.StartFile));
    }

    [Fact]
    public void The_same_version_is_replaced()
    {
        Put("demo", "0.1.0", "1");
        Put("demo", "0.1.0", "2");

        Assert.Equal("2", File.ReadAllText(Path.Combine(Target.Library("shared", "1.0"), "Shared.dll")));
    }

    [Fact]
    public void What_another_release_needs_is_not_replaced()
    {
        Put("demo", "0.1.0", "1");

        Assert.Equal(
            "lib/shared-1.0/Shared.dll differs from the file in release 0.1.0, which also needs lib/shared-1.0. " +
            "Give the changed application a new version, or choose another --output.",
            Assert.Throws<Failure>(() => Put("demo", "0.2.0", "2")).Message);
        Assert.Equal("1", File.ReadAllText(Path.Combine(Target.Library("shared", "1.0"), "Shared.dll")));
    }

    [Fact]
    public void Another_release_goes_elsewhere()
    {
        Put("demo", "0.1.0", "1");

        Assert.Equal(
            $"{Target.Root} holds the release demo, not chat. Choose another --output.",
            Assert.Throws<Failure>(() => Put("chat", "0.1.0", "1")).Message);
    }

    private void Put(string name, string version, string content)
    {
        var built = new ReleaseLayout(Path.Combine(_folder, Guid.NewGuid().ToString("N")));
        string[] files = [$"lib/shared-1.0/Shared.dll", $"releases/{version}/{name}.rel.json"];
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(built.Root, file))!);
            File.WriteAllText(Path.Combine(built.Root, file), content);
        }

        var manifest = ReleaseManifest.Of(built, name, version, "1.0.0", "10.0.0", null, files);
        File.WriteAllBytes(built.ManifestFile(version), manifest.ToJson());
        Placing.Put(built, Target, manifest);
    }
}
