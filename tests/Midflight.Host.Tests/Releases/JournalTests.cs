using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>What is written down of an upgrade, and that it decides nothing.</summary>
public sealed class JournalTests
{
    private static readonly InstallSettings s_watched = new() { Probation = TimeSpan.FromMinutes(1), MostCrashes = 0 };

    // A folder where the file has to be: refused even for the super user, as a full disk refuses it.
    private static void Block(ReleaseFolder folder) => Directory.CreateDirectory(Path.Combine(folder.Layout.Releases, "journal.json.new"));

    private static async Task<ReleaseFolder> Folder(string crash = "")
    {
        var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        var (name, source) = ReleaseHandlerTests.Counter(2);
        folder.Package("2", (name, crash.Length == 0 ? source : source.Replace("\"version\" => Reply(2, state)", crash, StringComparison.Ordinal)));
        return folder;
    }

    [Fact]
    public async Task An_upgrade_whose_journal_cannot_be_written_is_made_and_known_all_the_same()
    {
        await using var folder = await Folder();
        Block(folder);

        var report = await folder.Handler.Install("2", InstallSettings.Default);

        Assert.True(report.Committed);
        Assert.Equal("2", StartFile.Read(folder.Layout)!.Release);
        Assert.Equal(("1", "2", UpgradePhase.Ended), (folder.Handler.LastUpgrade!.From, folder.Handler.LastUpgrade.To, folder.Handler.LastUpgrade.Phase));
        Assert.Contains(folder.Node.Log.Lines, line => line.Event.Name == "JournalNotWritten");
    }

    [Fact]
    public async Task New_code_that_crashes_is_rolled_back_though_the_journal_cannot_be_written()
    {
        await using var folder = await Folder("\"version\" => throw new InvalidOperationException(\"broken\")");

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            var other = await ReleaseHandlerTests.Begin(folder);
            var serves = new TaskCompletionSource();
            var install = folder.Handler.Install("2", s_watched, (phase, _) =>
            {
                if (phase == UpgradePhase.OnProbation)
                {
                    serves.SetResult();
                }
            });
            await serves.Task;
            Block(folder);
            await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(counter, "version"));

            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => install);

            Assert.EndsWith("Rolled back: 1 is still running.", failure.Message, StringComparison.Ordinal);
            Assert.Equal(1, await GenServer.Call<int>(other, "version"));
            Assert.Equal(failure.Message, folder.Handler.LastUpgrade!.Outcome);
            Assert.Equal("1", folder.Handler.Running);
        });
    }

    [Fact]
    public async Task A_release_that_cannot_be_written_down_as_permanent_serves_and_is_committed_when_it_can_be()
    {
        await using var folder = await Folder();
        var block = Directory.CreateDirectory($"{folder.Layout.StartFile}.new");

        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));

        Assert.StartsWith("Release 2 serves, but was not committed: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Fix that and commit it; until then the next start uses 1.", failure.Message, StringComparison.Ordinal);
        Assert.True(folder.Handler.LastUpgrade!.IsOver);
        Assert.Equal(("2", false), (folder.Handler.Running, folder.Handler.IsCommitted));

        block.Delete();
        await folder.Handler.Commit(null);
        Assert.Equal("2", StartFile.Read(folder.Layout)!.Release);
        Assert.Null(folder.Node.Code.Find("demo")!.Old);
    }

    [Fact]
    public async Task A_restart_that_cannot_be_written_down_does_not_begin()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", "10.0.1", ReleaseHandlerTests.Counter(2));
        await folder.Handler.Unpack("2");
        Block(folder);

        await Assert.ThrowsAnyAsync<Exception>(() => folder.Handler.Install("2", new InstallSettings { MayRestart = true }));

        Assert.Null(folder.End);
        Assert.Equal("1", folder.Handler.Running);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(-1)]
    public async Task A_probation_out_of_range_is_refused_before_anything_is_done(int days)
    {
        await using var folder = await Folder();

        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(
            () => folder.Handler.Install("2", new InstallSettings { Probation = TimeSpan.FromDays(days) }));

        Assert.Equal($"A probation takes 0 to 2592000 seconds (30 days), not {days * 86_400}. The default is 0: no probation.", refused.Message);
        Assert.Null(folder.Handler.LastUpgrade);
        Assert.Throws<ReleaseRefusedException>(() => InstallSettings.ProbationOf(double.NaN));
        Assert.Throws<ReleaseRefusedException>(() => InstallSettings.ProbationOf(1e300));
    }

    [Fact]
    public async Task A_package_that_is_refused_ends_the_upgrade_in_the_journal()
    {
        await using var folder = await Folder();
        File.WriteAllText(Path.Combine(folder.Layout.Root, "demo-3.tar.gz"), "no package");

        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("3", InstallSettings.Default));

        Assert.Equal((UpgradePhase.Ended, refused.Message), (folder.Handler.LastUpgrade!.Phase, folder.Handler.LastUpgrade.Outcome));
    }

    [Fact]
    public async Task A_release_that_cannot_be_read_does_not_keep_a_node_from_starting_and_is_told()
    {
        await using var folder = await Folder();
        await folder.Handler.Unpack("2");
        File.WriteAllText(folder.Layout.ManifestFile("2"), "{");

        await folder.StartOver();

        Assert.Equal("1", Assert.Single(folder.Handler.Which()).Version);
        Assert.StartsWith(
            $"{folder.Layout.ManifestFile("2")} cannot be read: ",
            Assert.Single(folder.Node.Log.Lines, line => line.Event.Name == "ReleaseNotRead").Message,
            StringComparison.Ordinal);
    }
}
