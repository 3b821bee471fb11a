using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

public sealed class ReleasePackageTests : IDisposable
{
    private readonly PackageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_package_unpacks_to_the_files_that_were_packed()
    {
        _fixture.Pack("0.2.0");

        var manifest = Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0")).Manifest;

        Assert.Equal("code of 0.2.0", File.ReadAllText(Path.Combine(_fixture.Node.Library("demo", "0.2.0"), "Demo.dll")));
        Assert.All(manifest.Files, file => Assert.Equal(file.Value, FileDigest.Of(Path.Combine(_fixture.Node.Root, file.Key))));
        Assert.True(File.Exists(_fixture.Node.ManifestFile("0.2.0")));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_fixture.Node.Command("demo")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(["releases/0.2.0"], Directory.GetDirectories(_fixture.Node.Releases)
            .Select(path => Path.GetRelativePath(_fixture.Node.Root, path)));
    }

    [Fact]
    public void The_same_release_packs_to_the_same_bytes()
    {
        var first = FileDigest.Of(_fixture.Pack("0.2.0"));

        Assert.Equal(first, FileDigest.Of(_fixture.Pack("0.2.0")));
    }

    [Fact]
    public void The_runtime_comes_last_in_a_package()
    {
        var package = _fixture.Pack("0.2.0", files => files["runtime-10.0.12/dotnet"] = "runtime of .NET");
        List<string> names = [];
        PackageFixture.Repack(package, entries =>
        {
            names.AddRange(entries.Select(entry => entry.Name));
            return entries;
        });

        Assert.Equal("releases/0.2.0/manifest.json", names[0]);
        Assert.Equal(["lib/midflight-1.0.0/Midflight.dll", "runtime-10.0.12/dotnet"], names[^2..]);
    }

    [Fact]
    public void A_package_lies_in_the_root_or_in_releases()
    {
        var package = _fixture.Pack("0.2.0");
        File.Move(package, Path.Combine(_fixture.Node.Releases, Path.GetFileName(package)));

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
    }

    [Fact]
    public void A_package_repacked_by_tar_unpacks_as_well()
    {
        var package = _fixture.Pack("0.2.0");
        PackageFixture.Repack(package, entries => entries.AsEnumerable().Reverse());

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
    }

    [Fact]
    public void An_application_that_is_there_with_the_same_content_stays_untouched()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        var shared = Path.Combine(_fixture.Node.Library("midflight", "1.0.0"), "Midflight.dll");
        var written = File.GetLastWriteTimeUtc(shared);
        _fixture.Pack("0.2.0");

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(shared));
    }

    [Fact]
    public void A_removed_release_takes_along_the_applications_that_only_it_needs()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        _fixture.Pack("0.2.0");
        _fixture.Unpack("0.2.0");

        Leftovers.Remove(_fixture.Node, "0.2.0");

        Assert.False(Directory.Exists(_fixture.Node.Release("0.2.0")));
        Assert.False(Directory.Exists(_fixture.Node.Library("demo", "0.2.0")));
        Assert.True(Directory.Exists(_fixture.Node.Library("demo", "0.1.0")));
        Assert.True(Directory.Exists(_fixture.Node.Library("midflight", "1.0.0")));
    }

    [Fact]
    public void A_removal_that_was_killed_is_ended_by_the_next_sweep()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        _fixture.Pack("0.2.0");
        var before = _fixture.Everything();
        _fixture.Unpack("0.2.0");
        Directory.Move(_fixture.Node.Release("0.2.0"), Path.Combine(_fixture.Node.Releases, ".remove-0.2.0-1"));

        Leftovers.Sweep(_fixture.Node);

        Assert.Equal(before, _fixture.Everything());
    }

    [Fact]
    public void An_unpack_that_was_killed_between_its_renames_is_taken_back()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        _fixture.Pack("0.2.0");
        var before = _fixture.Everything();
        _fixture.Unpack("0.2.0");
        var staging = Path.Combine(_fixture.Node.Releases, ".unpack-0.2.0-1", "releases");
        Directory.CreateDirectory(staging);
        Directory.Move(_fixture.Node.Release("0.2.0"), Path.Combine(staging, "0.2.0"));

        Leftovers.Sweep(_fixture.Node);

        Assert.Equal(before, _fixture.Everything());
    }

    [Fact]
    public void An_unpack_that_was_killed_while_writing_is_removed_by_the_next()
    {
        var leftover = Path.Combine(_fixture.Node.Releases, ".unpack-0.2.0-1", "lib", "demo-0.2.0");
        Directory.CreateDirectory(leftover);
        File.WriteAllText(Path.Combine(leftover, "Demo.dll"), "half");
        _fixture.Pack("0.2.0");

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
        Assert.Empty(Directory.GetDirectories(_fixture.Node.Releases, ".*"));
    }

    [Fact]
    public void A_package_is_extracted_to_look_at_it()
    {
        var package = _fixture.Pack("0.2.0");
        var folder = Path.Combine(_fixture.Node.Root, "look");

        Assert.IsType<UnpackResult.Done>(ReleasePackage.Extract(package, folder));

        Assert.True(File.Exists(Path.Combine(folder, "lib/demo-0.2.0/Demo.dll")));
        Assert.True(File.Exists(Path.Combine(folder, "releases/0.2.0/manifest.json")));
    }
}
