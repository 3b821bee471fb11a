using Midflight.Releases;
using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>The instructions restart_new_emulator and restart_emulator: what the release handler does before and behind the restart.</summary>
public sealed class RestartTests
{
    private static readonly InstallSettings s_mayRestart = new() { MayRestart = true };
    private static readonly InstallSettings s_noCommit = new() { MayRestart = true, Commit = false };

    private static readonly Instruction[] s_restart = [new HighLevel.Update("Counter"), new LowLevel.RestartEmulator()];

    private static string Statuses(ReleaseFolder folder) =>
        string.Join(" ", folder.Handler.Which().Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    private static string OnDisk(ReleaseFolder folder) =>
        string.Join(" ", ReleasesFile.Read(folder.Layout).Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"))
        + $", starts {StartFile.Read(folder.Layout)!.Release}";

    private static async Task<int> Version(ReleaseFolder folder)
    {
        var version = 0;
        await folder.Node.Run(async () => version = await GenServer.Call<int>(await ReleaseHandlerTests.Begin(folder), "version"));
        return version;
    }

    private static async Task<ReleaseFolder> Folder(Instruction[]? up = null)
    {
        var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));
        await folder.Appup("2", "1", up ?? s_restart, s_restart);
        return folder;
    }

    [Fact]
    public async Task A_release_that_restarts_the_node_is_refused_unless_it_may()
    {
        await using var folder = await Folder();
        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", InstallSettings.Default));
        Assert.Equal(
            "Release 2 cannot be reached from 1 without a restart: its appups restart the node. Remove the restart. "
            + "Fix that and rebuild the release, or let the node restart with `--restart`: it then loses its connections and states.",
            refused.Message);
        Assert.Null(folder.End);
        Assert.Equal(1, await Version(folder));
        await folder.Handler.Check("2", settings: s_mayRestart);
        Assert.Null(folder.End);
    }

    [Fact]
    [Scenario(131, "restart_emulator with heart")]
    public async Task A_restart_comes_when_all_else_is_done_and_the_new_release_starts_and_without_a_commit_the_next_start_takes_the_one_before()
    {
        await using var folder = await Folder();
        Pid counter = default;
        await folder.Node.Run(async () => counter = await ReleaseHandlerTests.Begin(folder));

        var report = await folder.Handler.Install("2", s_noCommit);
        Assert.Equal(("restarted", true, 1), (report.Verdict, report.IsRestarting, report.Processes));
        Assert.Equal(new NodeEnd.GoOn("2", "2"), folder.End);
        await folder.Node.Run(async () => Assert.Equal(2, await GenServer.Call<int>(counter, "version")));

        report = await folder.Become();
        Assert.Equal(("1", "2", "restarted", false, false), (report.From, report.To, report.Verdict, report.IsRestarting, report.Committed));
        Assert.False(counter.IsAlive);
        Assert.Equal(2, await Version(folder));
        Assert.Equal("2:current 1:permanent", Statuses(folder));
        Assert.Equal("2:unpacked 1:permanent, starts 1", OnDisk(folder));

        await folder.StartOver();
        Assert.Equal("2:unpacked 1:permanent", Statuses(folder));
        Assert.Equal(1, await Version(folder));

        await folder.Handler.Install("2", s_noCommit);
        await folder.Become();
        await folder.Handler.Commit(null);
        Assert.Equal("2:permanent 1:old", Statuses(folder));
        Assert.Equal("2:permanent 1:old, starts 2", OnDisk(folder));
        await folder.StartOver();
        Assert.Equal(2, await Version(folder));
    }

    // OTP: RELEASES says tmp_current, and a start after a crash takes the new release.
    [Fact]
    [Scenario(132, "The RELEASES file between install_release and the reboot")]
    public async Task Between_the_install_and_the_new_node_the_disk_knows_only_what_is_committed()
    {
        await using var folder = await Folder();
        await folder.Handler.Install("2", s_mayRestart);
        Assert.Equal("2:unpacked 1:permanent, starts 1", OnDisk(folder));
        Assert.Equal(UpgradePhase.Restarting, folder.Handler.LastUpgrade!.Phase);
        var busy = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Commit(null));
        Assert.Contains("busy", busy.Message, StringComparison.Ordinal);

        // Killed here.
        await folder.StartOver();
        Assert.Equal("2:unpacked 1:permanent", Statuses(folder));
        Assert.Equal(
            (UpgradePhase.Ended, "The node ended while Restarting. It was restarted on 1, the last committed release."),
            (folder.Handler.LastUpgrade!.Phase, folder.Handler.LastUpgrade.Outcome));
    }

    // OTP: the install fails and the system restarts with the old release.
    [Fact]
    [Scenario(134, "restart_emulator without heart")]
    public async Task The_upgrade_commits_behind_the_restart_and_says_so()
    {
        await using var folder = await Folder();
        await folder.Handler.Install("2", s_mayRestart);
        var report = await folder.Become();
        Assert.True(report.Committed);
        Assert.Equal("2:permanent 1:old, starts 2", OnDisk(folder));
        Assert.True(folder.Handler.LastUpgrade!.IsOver);
        Assert.Equal(("restarted", true), (folder.Handler.LastUpgrade.Report!.Verdict, folder.Handler.LastUpgrade.Report.Committed));
    }

    [Fact]
    [Scenario(133, "restart_new_emulator with heart")]
    public async Task On_a_new_runtime_the_applications_start_as_they_were_and_the_rest_is_done_in_flight()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", "10.0.1", ReleaseHandlerTests.Counter(2, "int Count, string Label = \"none\""));

        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", InstallSettings.Default));
        Assert.Contains("release 2 is built for .NET 10.0.1 and 1 for 10.0.0", refused.Message, StringComparison.Ordinal);

        var report = await folder.Handler.Install("2", s_mayRestart);
        Assert.True(report.IsRestarting);
        Assert.Equal(new NodeEnd.GoOn("1", "2"), folder.End);
        Assert.Equal(1, await Version(folder));
        Assert.Equal("2:unpacked 1:permanent, starts 1", OnDisk(folder));

        report = await folder.Become();
        Assert.Equal(("1", "2", "restarted", true), (report.From, report.To, report.Verdict, report.Committed));
        Assert.Equal(2, await Version(folder));
        Assert.Equal("2:permanent 1:old, starts 2", OnDisk(folder));

        // Down again all is done on the runtime that is left, and the restart comes last.
        await folder.Handler.Install("1", s_mayRestart);
        Assert.Equal(new NodeEnd.GoOn("1", "1"), folder.End);
        await folder.Become();
        Assert.Equal(1, await Version(folder));
        Assert.Equal("2:old 1:permanent, starts 1", OnDisk(folder));
    }

    // OTP: heart starts a new emulator with the permanent release.
    [Fact]
    [Scenario(136, "A failed install with {error_action, reboot} and heart")]
    public async Task What_fails_behind_the_restart_starts_the_committed_release_again()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", "10.0.1", ReleaseHandlerTests.Counter(2));
        await folder.Relup(
            "2", "1", [new LowLevel.RestartNewEmulator(), new LowLevel.PointOfNoReturn(), new LowLevel.Apply(new FunctionCall("Demo", "broken", []))], [new LowLevel.RestartEmulator()]);
        folder.Scripts.Broken = "broken";

        await folder.Handler.Install("2", s_mayRestart);
        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Become());
        Assert.StartsWith("The upgrade from 1 to 2 failed after its restart: The script's call of Demo.broken failed", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("So 1 is started again.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new NodeEnd.StartOver(), folder.End);
        Assert.Equal(failure.Message, folder.Handler.LastUpgrade!.Outcome);

        await folder.StartOver();
        Assert.Equal("2:unpacked 1:permanent", Statuses(folder));
        Assert.Equal(1, await Version(folder));
        Assert.Equal(failure.Message, folder.Handler.LastUpgrade!.Outcome);
    }

    // OTP: the old release is permanent at once.
    [Fact]
    [Scenario(135, "reboot_old_release")]
    public async Task A_state_that_cannot_be_converted_needs_a_restart_and_nothing_is_done_in_flight()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2, "string Text", "\"\"").Item2 is var source
            ? ("demo", source.Replace("state.Count + 1", "0", StringComparison.Ordinal).Replace("Count = 0", "Text = \"\"", StringComparison.Ordinal))
            : default);
        Pid counter = default;
        await folder.Node.Run(async () => counter = await ReleaseHandlerTests.Begin(folder));

        var report = await folder.Handler.Install("2", s_mayRestart);
        Assert.Equal((true, 0), (report.IsRestarting, report.Processes));
        await folder.Node.Run(async () => Assert.Equal(1, await GenServer.Call<int>(counter, "version")));
        await folder.Become();
        Assert.Equal(2, await Version(folder));

        // And an old release is started again in the same way.
        await folder.Handler.Install("1", s_mayRestart);
        await folder.Become();
        Assert.Equal(1, await Version(folder));
        Assert.Equal("2:old 1:permanent, starts 1", OnDisk(folder));
    }

    [Theory]
    [InlineData("reboot")]
    [InlineData("restart")]
    public async Task An_instruction_that_no_node_knows_is_refused_before_anything_changes(string name)
    {
        await using var folder = await Folder();
        await folder.Relup("2", "1", [new LowLevel.PointOfNoReturn(), new LowLevel.Load("Counter"), new LowLevel.Passed(name), new LowLevel.RestartEmulator()], []);
        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", s_mayRestart));
        Assert.StartsWith($"The script cannot be carried out at {name}: ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await Version(folder));
    }

    [Fact]
    public async Task A_restart_in_the_middle_of_a_script_is_refused()
    {
        await using var folder = await Folder();
        await folder.Relup("2", "1", [new LowLevel.PointOfNoReturn(), new LowLevel.RestartEmulator(), new LowLevel.Load("Counter")], []);
        var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", s_mayRestart));
        Assert.Contains("it is in the middle", refused.Message, StringComparison.Ordinal);
    }
}
