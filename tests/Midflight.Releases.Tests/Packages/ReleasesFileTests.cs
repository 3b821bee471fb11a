using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

public sealed class ReleasesFileTests : IDisposable
{
    private readonly PackageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_new_node_has_no_releases() => Assert.Empty(ReleasesFile.Read(_fixture.Node));

    [Fact]
    public void What_is_written_is_read_but_current_is_in_memory_only()
    {
        Unpacked("0.1.0", "0.2.0", "0.3.0");

        ReleasesFile.Write(_fixture.Node,
        [
            new("demo", "0.3.0", ReleaseStatus.Current),
            new("demo", "0.2.0", ReleaseStatus.Permanent),
            new("demo", "0.1.0", ReleaseStatus.Old),
        ]);

        Assert.Equal(
            ["demo 0.3.0 unpacked", "demo 0.2.0 permanent", "demo 0.1.0 old"],
            ReleasesFile.Read(_fixture.Node).Select(release => release.ToString()));
        Assert.Empty(Directory.GetFiles(_fixture.Node.Releases, "*.new"));
    }

    [Fact]
    public void A_release_without_an_entry_counts_as_unpacked_and_an_entry_without_a_release_for_nothing()
    {
        Unpacked("0.1.0", "0.2.0");

        ReleasesFile.Write(_fixture.Node, [new("demo", "0.1.0", ReleaseStatus.Permanent), new("demo", "0.0.1", ReleaseStatus.Old)]);

        Assert.Equal(
            ["demo 0.2.0 unpacked", "demo 0.1.0 permanent"],
            ReleasesFile.Read(_fixture.Node).Select(release => release.ToString()));
    }

    [Fact]
    public void A_copy_of_a_release_under_another_name_is_none_and_is_told()
    {
        Unpacked("0.1.0", "0.2.0");
        var copy = Directory.CreateDirectory(_fixture.Node.Release("0.2.0.bak")).FullName;
        File.Copy(_fixture.Node.ManifestFile("0.2.0"), Path.Combine(copy, "manifest.json"));

        Assert.Equal(
            ["demo 0.1.0 unpacked", "demo 0.2.0 unpacked"],
            ReleasesFile.Read(_fixture.Node).Select(release => release.ToString()));
        Assert.Equal(
            [$"{copy} is ignored: its manifest is that of release 0.2.0. Move it elsewhere, or remove it."],
            Leftovers.Unreadable(_fixture.Node));
    }

    [Fact]
    public void A_release_whose_manifest_is_damaged_is_left_out_and_told_and_until_it_is_mended_no_application_is_removed()
    {
        Unpacked("0.1.0", "0.2.0");
        var manifest = File.ReadAllBytes(_fixture.Node.ManifestFile("0.1.0"));
        File.WriteAllText(_fixture.Node.ManifestFile("0.1.0"), "{");

        Assert.Equal(["demo 0.2.0 unpacked"], ReleasesFile.Read(_fixture.Node).Select(release => release.ToString()));
        var problem = Assert.Single(Leftovers.Unreadable(_fixture.Node));
        Assert.StartsWith($"{_fixture.Node.ManifestFile("0.1.0")} cannot be read: ", problem, StringComparison.Ordinal);

        // What 0.2.0 shares with 0.1.0 is not known.
        Leftovers.Remove(_fixture.Node, "0.2.0");
        Assert.False(Directory.Exists(_fixture.Node.Release("0.2.0")));
        Assert.True(Directory.Exists(_fixture.Node.Library("midflight", "1.0.0")));
        Assert.True(Directory.Exists(_fixture.Node.Library("demo", "0.2.0")));

        File.WriteAllBytes(_fixture.Node.ManifestFile("0.1.0"), manifest);
        Leftovers.Sweep(_fixture.Node);
        Assert.True(Directory.Exists(_fixture.Node.Library("midflight", "1.0.0")));
        Assert.False(Directory.Exists(_fixture.Node.Library("demo", "0.2.0")));
        Assert.Empty(Directory.GetDirectories(_fixture.Node.Releases, ".*"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""[{"name":"demo","version":"1"}]""")]
    [InlineData("""[{"name":"demo","version":"1","status":"current"}]""")]
    public void A_file_that_is_not_a_list_of_releases_is_named(string text)
    {
        File.WriteAllText(_fixture.Node.ReleasesFile, text);

        var error = Assert.Throws<InvalidDataException>(() => ReleasesFile.Read(_fixture.Node));

        Assert.StartsWith($"{_fixture.Node.ReleasesFile} is not a list of releases: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("with the release in start.txt as the permanent one.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_start_file_is_one_line_of_three_words()
    {
        Assert.Null(StartFile.Read(_fixture.Node));

        new StartFile("0.2.0", "1.0.0", null).Write(_fixture.Node);

        Assert.Equal("0.2.0 1.0.0 -\n", File.ReadAllText(_fixture.Node.StartFile));
        Assert.Equal(new StartFile("0.2.0", "1.0.0", null), StartFile.Read(_fixture.Node));
    }

    [Fact]
    public void The_start_file_names_an_included_runtime()
    {
        new StartFile("0.2.0", "1.0.0", "10.0.12").Write(_fixture.Node);

        Assert.Equal(new StartFile("0.2.0", "1.0.0", "10.0.12"), StartFile.Read(_fixture.Node));
    }

    [Fact]
    public void A_start_file_of_other_words_is_named()
    {
        File.WriteAllText(_fixture.Node.StartFile, "0.2.0");

        var error = Assert.Throws<InvalidDataException>(() => StartFile.Read(_fixture.Node));

        Assert.StartsWith($"{_fixture.Node.StartFile} holds \"0.2.0\" instead of `RELEASE MIDFLIGHT RUNTIME`.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_start_commits_what_it_starts_and_later_ones_nothing()
    {
        Unpacked("0.1.0", "0.2.0");

        FirstStart.Commit(_fixture.Node, "0.1.0");
        FirstStart.Commit(_fixture.Node, "0.2.0");

        Assert.Equal("0.1.0 1.0.0 -\n", File.ReadAllText(_fixture.Node.StartFile));
        Assert.Equal(
            ["demo 0.1.0 permanent", "demo 0.2.0 unpacked"],
            ReleasesFile.Read(_fixture.Node).Select(release => release.ToString()));
    }

    [Fact]
    public void A_first_start_of_a_release_that_is_not_there_names_it()
    {
        var error = Assert.Throws<InvalidDataException>(() => FirstStart.Commit(_fixture.Node, "0.9.0"));

        Assert.StartsWith($"There is no release 0.9.0 in {_fixture.Node.Releases}.", error.Message, StringComparison.Ordinal);
    }

    private void Unpacked(params string[] versions)
    {
        foreach (var version in versions)
        {
            _fixture.Pack(version);
            Assert.IsType<UnpackResult.Done>(_fixture.Unpack(version));
        }
    }
}
