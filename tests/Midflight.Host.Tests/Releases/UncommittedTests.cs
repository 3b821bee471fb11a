using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>Releases that are installed and not committed: what becomes of them, and of the permanent one.</summary>
public sealed class UncommittedTests
{
    private static readonly InstallSettings s_noCommit = new() { Commit = false };

    private static string Statuses(ReleaseFolder folder) =>
        string.Join(" ", folder.Handler.Which().Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    private static string OnDisk(ReleaseFolder folder) =>
        string.Join(" ", ReleasesFile.Read(folder.Layout).Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    [Fact]
    [Scenario(60, "Going back before make_permanent")]
    public async Task Going_back_to_the_permanent_release_leaves_it_permanent_and_the_other_can_be_installed_again()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            await folder.Handler.Install("2", s_noCommit);
            Assert.Equal("2:current 1:permanent", Statuses(folder));

            await folder.Handler.Install("1", s_noCommit);
            Assert.Equal("2:old 1:permanent", Statuses(folder));
            Assert.Equal("2:unpacked 1:permanent", OnDisk(folder));
            Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
            await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("1", s_noCommit));

            await folder.Handler.Install("2", s_noCommit);
            Assert.Equal("2:current 1:permanent", Statuses(folder));
            Assert.Equal(2, await GenServer.Call<int>(counter, "version"));
        });
    }

    // OTP: there is no way from 3 to 1 without a relup.
    [Fact]
    [Scenario(61, "Three releases without make_permanent")]
    public async Task Of_three_releases_the_one_in_between_becomes_old_and_the_last_is_committed()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));
        folder.Package("3", ReleaseHandlerTests.Counter(3));

        await folder.Node.Run(async () =>
        {
            var counter = await ReleaseHandlerTests.Begin(folder);
            await folder.Handler.Install("2", s_noCommit);
            var report = await folder.Handler.Install("3", s_noCommit);
            Assert.Equal(("2", "3"), (report.From, report.To));
            Assert.Equal(3, await GenServer.Call<int>(counter, "version"));
            Assert.Equal("3:current 2:old 1:permanent", Statuses(folder));
            Assert.Equal("3:unpacked 2:unpacked 1:permanent", OnDisk(folder));

            var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Commit("2"));
            Assert.Equal("Release 2 is old, so it cannot be committed. Install it first with `upgrade 2 --no-commit`.", refused.Message);
            await folder.Handler.Commit("3");
            Assert.Equal("3:permanent 2:old 1:old", Statuses(folder));
            Assert.Equal("3:permanent 2:old 1:old", OnDisk(folder));

            // Planned here and now; a relup made in advance is not needed.
            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
        });
    }
}
