using System.Formats.Tar;
using System.Text;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

/// <summary>One test for each refusal: its sentence, and that nothing has changed.</summary>
public sealed class PackageRefusalTests : IDisposable
{
    private readonly PackageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_package_that_is_not_there() => Refuses<PackageRefusal.NoSuchPackage>(
        $"There is no demo-0.2.0.tar.gz in {_fixture.Node.Root} or its folder releases. Copy it there.");

    [Fact]
    public void A_file_that_is_no_package()
    {
        File.WriteAllText(Path.Combine(_fixture.Node.Root, "demo-0.2.0.tar.gz"), "no package");

        Refuses<PackageRefusal.Damaged>("* is not a complete .tar.gz file: *. Copy it again.");
    }

    [Fact]
    public void A_package_that_was_cut_off()
    {
        var package = _fixture.Pack("0.2.0");
        File.Delete(package + ".sha256");
        File.WriteAllBytes(package, File.ReadAllBytes(package)[..^40]);

        Refuses<PackageRefusal>("*");
    }

    [Fact]
    public void A_package_with_a_flipped_bit_is_refused_wherever_the_bit_is()
    {
        var package = _fixture.Pack("0.2.0");
        File.Delete(package + ".sha256");
        var whole = File.ReadAllBytes(package);
        // The header of gzip, ten bytes, and the mark of the end, twenty, say nothing of the content.
        for (var at = 10; at < whole.Length - 20; at += 7)
        {
            var flipped = whole.ToArray();
            flipped[at] ^= 0x10;
            File.WriteAllBytes(package, flipped);

            Assert.True(_fixture.Unpack("0.2.0") is UnpackResult.Refused, $"The bit at {at} of {whole.Length} was not noticed.");
        }
    }

    [Fact]
    public void A_package_with_another_digest_than_the_one_beside_it()
    {
        File.WriteAllText(_fixture.Pack("0.2.0") + ".sha256", new string('0', 64) + "  demo-0.2.0.tar.gz\n");

        Refuses<PackageRefusal.WrongPackageDigest>(
            $"* has the digest *, but *.sha256 says {new string('0', 64)}. Copy both again.");
    }

    [Fact]
    public void A_package_without_a_manifest()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries => entries.Skip(1));

        Refuses<PackageRefusal.NoManifest>(
            "* holds no releases/VERSION/manifest.json, so it is not a release. Build it with `midflight release`.");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"name":"demo","version":"../0.2.0","midflight":"1.0.0","runtime":"10.0.0","files":{}}""")]
    [InlineData("""{"name":"demo","version":"0.3.0","midflight":"1.0.0","runtime":"10.0.0","files":{}}""")]
    public void A_manifest_that_cannot_be_read(string text)
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries =>
            [PackageFixture.Entry("releases/0.2.0/manifest.json", text), .. entries.Skip(1)]);

        Refuses<PackageRefusal.BadManifest>("The manifest of * cannot be read: *. Build the package with `midflight release`.");
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("lib/../../outside")]
    [InlineData("/tmp/outside")]
    [InlineData("lib/demo-0.2.0/../../../outside")]
    [InlineData("run/control.sock")]
    [InlineData("lib//x")]
    [InlineData("releases")]
    public void A_path_that_leaves_the_target(string path)
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries => [.. entries, PackageFixture.Entry(path, "evil")]);

        Refuses<PackageRefusal.LeavesTheTarget>(
            $"* would write {path}, which is not in a folder of the release. Do not trust it: build it again.");
    }

    [Fact]
    public void A_folder_that_leaves_the_target()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries =>
            [.. entries, new GnuTarEntry(TarEntryType.Directory, "../outside/")]);

        Refuses<PackageRefusal.LeavesTheTarget>("*");
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "symbolic link")]
    [InlineData(TarEntryType.HardLink, "hard link")]
    [InlineData(TarEntryType.Fifo, "pipe")]
    [InlineData(TarEntryType.CharacterDevice, "device")]
    public void A_link_or_a_device(TarEntryType type, string word)
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries =>
        {
            var entry = new GnuTarEntry(type, "lib/demo-0.2.0/link");
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                entry.LinkName = "lib/demo-0.2.0/Demo.dll";
            }

            return [entry, .. entries];
        });

        Refuses<PackageRefusal.NotAFile>(
            $"lib/demo-0.2.0/link in * is a {word}, but a release consists only of files. Do not trust it: build it again.");
    }

    [Fact]
    public void A_missing_file()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries => entries.Where(entry => !entry.Name.EndsWith("Demo.dll", StringComparison.Ordinal)));

        Refuses<PackageRefusal.MissingFile>("lib/demo-0.2.0/Demo.dll is missing in *. Copy or build the package again.");
    }

    [Fact]
    public void A_release_without_its_rel_file()
    {
        _fixture.Pack("0.2.0", files => files.Remove("releases/0.2.0/demo.rel.json"));

        Refuses<PackageRefusal.MissingFile>("releases/0.2.0/demo.rel.json is missing in *");
    }

    [Fact]
    public void A_file_that_the_manifest_does_not_name()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries => [.. entries, PackageFixture.Entry("lib/demo-0.2.0/Evil.dll", "evil")]);

        Refuses<PackageRefusal.UnknownFile>("lib/demo-0.2.0/Evil.dll in * is not in its manifest. Do not trust it: build it again.");
    }

    [Fact]
    public void A_file_that_is_there_twice()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries => [.. entries, PackageFixture.Entry("bin/demo", "#!/bin/sh\n")]);

        Refuses<PackageRefusal.FileTwice>("* holds bin/demo twice. Do not trust it: build it again.");
    }

    [Fact]
    public void A_file_with_another_content()
    {
        PackageFixture.Repack(_fixture.Pack("0.2.0"), entries =>
        {
            entries.Single(entry => entry.Name.EndsWith("Demo.dll", StringComparison.Ordinal)).DataStream =
                new MemoryStream(Encoding.UTF8.GetBytes("CODE of 0.2.0"));
            return entries;
        });

        Refuses<PackageRefusal.WrongDigest>(
            "lib/demo-0.2.0/Demo.dll in * is not the file that its manifest describes (wrong digest). Copy or build the package again.");
    }

    [Fact]
    public void A_package_of_another_release()
    {
        var other = _fixture.Pack("0.3.0");
        File.Delete(other + ".sha256");
        File.Move(other, Path.Combine(_fixture.Node.Root, "demo-0.2.0.tar.gz"));

        Refuses<PackageRefusal.WrongRelease>(
            "* holds the release demo 0.3.0, not demo 0.2.0. Rename it to match its content, or copy the right package.");
    }

    [Theory]
    [InlineData("11.0.0")]
    [InlineData("9.0.0")]
    [InlineData("10.0.13")]
    public void A_release_for_another_runtime(string runtime)
    {
        _fixture.Pack("0.2.0", runtime: runtime);

        Refuses<PackageRefusal.WrongRuntime>(
            $"Release 0.2.0 needs .NET {runtime} or later with the same major version, but 10.0.12 runs here. " +
            "Install that .NET and restart the node, or build the release with `--include-runtime`.");
    }

    [Fact]
    public void A_release_that_is_there()
    {
        _fixture.Pack("0.2.0");
        _fixture.Unpack("0.2.0");

        Refuses<PackageRefusal.ExistingRelease>(
            "Release 0.2.0 is already there. Remove it first with `remove 0.2.0`, or give the new one another version.");
    }

    [Fact]
    public void An_application_that_is_there_with_other_content()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        _fixture.Pack("0.2.0", files => files["lib/midflight-1.0.0/Midflight.dll"] = "another runtime");

        Refuses<PackageRefusal.OtherContent>(
            "lib/midflight-1.0.0 is already there, and its file Midflight.dll differs from the one in the package. " +
            "Build the release with a new version number for what has changed.");
    }

    [Fact]
    public void An_application_that_is_there_with_one_more_file()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        File.WriteAllText(Path.Combine(_fixture.Node.Library("midflight", "1.0.0"), "More.dll"), "more");
        _fixture.Pack("0.2.0");

        Refuses<PackageRefusal.OtherContent>("lib/midflight-1.0.0 is already there, and its file More.dll *");
    }

    [Fact]
    public void A_place_that_cannot_be_written()
    {
        _fixture.Pack("0.2.0");
        // A file where the folder of applications has to be: refused even for the super user.
        File.WriteAllText(_fixture.Node.Libraries, "in the way");

        Refuses<PackageRefusal.CannotWrite>("Cannot write to *: *. Nothing was left behind; make room or grant access, and try again.");
    }

    [Fact]
    public void A_package_that_cannot_be_read()
    {
        using (new FileStream(_fixture.Pack("0.2.0"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.IsType<PackageRefusal.Damaged>(Assert.IsType<UnpackResult.Refused>(_fixture.Unpack("0.2.0")).Why);
        }

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
    }

    [Fact]
    public void An_application_that_is_there_and_cannot_be_read()
    {
        _fixture.Pack("0.1.0");
        _fixture.Unpack("0.1.0");
        _fixture.Pack("0.2.0");

        using (new FileStream(Path.Combine(_fixture.Node.Library("midflight", "1.0.0"), "Midflight.dll"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.IsType<PackageRefusal.CannotWrite>(Assert.IsType<UnpackResult.Refused>(_fixture.Unpack("0.2.0")).Why);
        }

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
    }

    private void Refuses<TRefusal>(string sentence)
        where TRefusal : PackageRefusal
    {
        var before = _fixture.Everything();

        var why = Assert.IsType<UnpackResult.Refused>(_fixture.Unpack("0.2.0")).Why;

        Assert.IsAssignableFrom<TRefusal>(why);
        Assert.Matches("^" + System.Text.RegularExpressions.Regex.Escape(sentence).Replace("\\*", ".*", StringComparison.Ordinal) + "$", why.ToString());
        Assert.Equal(before, _fixture.Everything());
    }
}
