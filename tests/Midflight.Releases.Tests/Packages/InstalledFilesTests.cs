using System.Formats.Tar;
using System.Security.Cryptography;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

/// <summary>What lies on the disk is what was packed, and what is packed belongs to its release.</summary>
public sealed class InstalledFilesTests : IDisposable
{
    private readonly PackageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private string Installed(string version)
    {
        _fixture.Pack(version);
        Assert.IsType<UnpackResult.Done>(_fixture.Unpack(version));
        return Path.Combine(_fixture.Node.Library("demo", version), "Demo.dll");
    }

    private PackageRefusal Refusal(string version) => Assert.IsType<UnpackResult.Refused>(_fixture.Unpack(version)).Why;

    [Fact]
    public void A_release_as_it_came_has_no_damage()
    {
        Installed("0.2.0");

        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
    }

    [Fact]
    public void A_bit_that_changes_later_is_seen_though_size_and_time_are_put_back()
    {
        var file = Installed("0.2.0");

        // Long ago, as far as the clock of the file system goes, so that its digest is kept.
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
        SpinWait.SpinUntil(() => FileStamp.Of(file) is not null || !OperatingSystem.IsLinux());
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
        Assert.True(File.Exists(_fixture.Node.DigestsFile) || !OperatingSystem.IsLinux());
        var time = File.GetLastWriteTimeUtc(file);
        var bytes = File.ReadAllBytes(file);
        bytes[3] ^= 1;
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, time);

        Assert.Equal((file, "it is not the release's own file (wrong digest)"), InstalledFiles.Damage(_fixture.Node, "0.2.0"));
        Assert.NotNull(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
        bytes[3] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
    }

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        var file = Installed("0.2.0");
        File.Delete(file);

        Assert.Equal((file, "it is missing"), InstalledFiles.Damage(_fixture.Node, "0.2.0"));
    }

    [Fact]
    public void The_configuration_is_the_operators()
    {
        _fixture.Pack("0.2.0", files => files["releases/0.2.0/config.json"] = "{}");
        _fixture.Unpack("0.2.0");
        File.WriteAllText(_fixture.Node.ConfigFile("0.2.0"), "{\"demo\": {}}");

        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.2.0"));
    }

    [Theory]
    [InlineData("lib/other-9.0.0/Other.dll")]
    [InlineData("lib/stray")]
    [InlineData("bin/ls")]
    [InlineData("bin/demo/below")]
    [InlineData("releases/9.0.0/boot.json")]
    [InlineData("releases/start.txt")]
    [InlineData("runtime-9.0.0/dotnet")]
    public void A_file_that_belongs_to_nothing_of_the_release_is_refused(string path)
    {
        _fixture.Pack("0.2.0", files =>
        {
            files[path] = "stray";

            if (path == "bin/demo/below")
            {
                files.Remove("bin/demo");
            }
        });

        var before = _fixture.Everything();
        Assert.Equal(
            $"{path} in {Path.Combine(_fixture.Node.Root, "demo-0.2.0.tar.gz")} does not belong to release demo 0.2.0. Do not trust it: build it again.",
            Refusal("0.2.0").ToString());
        Assert.Equal(before, _fixture.Everything());
    }

    [Fact]
    public void What_the_manifest_promises_has_to_be_there()
    {
        var built = _fixture.Build("0.2.0", out var manifest);
        manifest = manifest with { IncludedRuntime = "10.0.0" };
        File.WriteAllBytes(built.ManifestFile("0.2.0"), manifest.ToJson());
        ReleasePackage.Write(built, manifest, Path.Combine(_fixture.Node.Root, "demo-0.2.0.tar.gz"));
        Assert.Equal("runtime-10.0.0/dotnet", Assert.IsType<PackageRefusal.MissingFile>(Refusal("0.2.0")).Path);

        // A node, on the Midflight of its first release.
        Installed("0.1.0");
        built = _fixture.Build("0.3.0", out manifest, files => files.Remove("lib/midflight-1.0.0/Midflight.dll"));
        manifest = manifest with { Midflight = "2.0.0" };
        File.WriteAllBytes(built.ManifestFile("0.3.0"), manifest.ToJson());
        ReleasePackage.Write(built, manifest, Path.Combine(_fixture.Node.Root, "demo-0.3.0.tar.gz"));
        Assert.Equal("lib/midflight-2.0.0/Midflight.dll", Assert.IsType<PackageRefusal.MissingFile>(Refusal("0.3.0")).Path);
    }

    [Fact]
    public void A_package_that_unpacks_to_more_than_is_allowed_is_refused_before_it_is_read()
    {
        var package = _fixture.Pack("0.2.0");
        PackageFixture.Repack(package, entries => entries.Append(
            new GnuTarEntry(TarEntryType.RegularFile, "lib/demo-0.2.0/large") { DataStream = new Zeros(2L << 30) }));

        Assert.IsType<PackageRefusal.TooLarge>(Refusal("0.2.0"));
    }

    [Fact]
    public void Twenty_thousand_files_are_put_in_place()
    {
        _fixture.Pack("0.2.0", files =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                files[$"lib/demo-0.2.0/many/{i}"] = $"{i}";
            }
        });

        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.2.0"));
        Assert.Equal(20_000, Directory.GetFiles(Path.Combine(_fixture.Node.Library("demo", "0.2.0"), "many")).Length);
    }

    [Fact]
    public void Where_keys_are_trusted_only_what_one_of_them_signed_is_taken()
    {
        var (mine, myPublic) = Key("mine");
        var (foreign, foreignPublic) = Key("foreign");
        Directory.CreateDirectory(_fixture.Node.Keys);
        File.Copy(myPublic, Path.Combine(_fixture.Node.Keys, "mine.pem"));

        _fixture.Pack("0.1.0");
        Assert.Contains("is not signed, but this node accepts only releases signed with a key in ", Refusal("0.1.0").ToString(), StringComparison.Ordinal);
        Signed("0.2.0", foreign);
        Assert.Contains("is not signed by a key that is trusted here", Refusal("0.2.0").ToString(), StringComparison.Ordinal);

        // As while a key is replaced.
        Signed("0.3.0", foreign, mine);
        Assert.IsType<UnpackResult.Done>(_fixture.Unpack("0.3.0"));
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.3.0"));

        // A key that is trusted no more.
        File.Copy(foreignPublic, Path.Combine(_fixture.Node.Keys, "mine.pem"), overwrite: true);
        Assert.Null(InstalledFiles.Damage(_fixture.Node, "0.3.0"));
        Key("third");
        File.Copy(Path.Combine(_fixture.Node.Root, "third.pub"), Path.Combine(_fixture.Node.Keys, "mine.pem"), overwrite: true);
        Assert.NotNull(InstalledFiles.Damage(_fixture.Node, "0.3.0"));

        File.WriteAllText(Path.Combine(_fixture.Node.Keys, "mine.pem"), "no key");
        Signed("0.4.0", mine);
        Assert.Throws<InvalidDataException>(() => _fixture.Unpack("0.4.0"));
    }

    private void Signed(string version, params string[] keys)
    {
        var built = _fixture.Build(version, out var manifest);
        File.WriteAllLines(built.SignatureFile(version), keys.Select(key => TrustedKeys.Sign(manifest.ToJson(), key)));
        ReleasePackage.Write(built, manifest, Path.Combine(_fixture.Node.Root, ReleaseLayout.PackageName("demo", version)));
    }

    private (string Private, string Public) Key(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var files = (Path.Combine(_fixture.Node.Root, name + ".key"), Path.Combine(_fixture.Node.Root, name + ".pub"));
        File.WriteAllText(files.Item1, key.ExportECPrivateKeyPem());
        File.WriteAllText(files.Item2, key.ExportSubjectPublicKeyInfoPem());
        return files;
    }

    private sealed class Zeros(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = value;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - _position);
            Array.Clear(buffer, offset, read);
            _position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
