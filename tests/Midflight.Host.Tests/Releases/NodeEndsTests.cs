using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>A node that ends in the middle of an upgrade commits nothing.</summary>
public sealed class NodeEndsTests
{
    private static readonly InstallSettings s_watched = new() { Probation = TimeSpan.FromMinutes(1), MostCrashes = 1000 };

    private static Action<UpgradePhase, string> At(UpgradePhase at, Action action) => (phase, _) =>
    {
        if (phase == at)
        {
            action();
        }
    };

    [Fact]
    public async Task A_node_that_is_told_to_stop_ends_the_probation_and_does_not_commit()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));

        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(
            () => folder.Handler.Install("2", s_watched, At(UpgradePhase.OnProbation, folder.Handler.NodeStops)));

        Assert.Equal("The node was told to stop. So release 2 is not committed, and the next start uses 1.", failure.Message);
        Assert.Equal("1", StartFile.Read(folder.Layout)!.Release);
        Assert.Equal((UpgradePhase.Ended, failure.Message), (folder.Handler.LastUpgrade!.Phase, folder.Handler.LastUpgrade.Outcome));
    }

    [Fact]
    public async Task Nor_does_one_that_is_told_while_it_switches()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));

        await Assert.ThrowsAsync<UpgradeFailedException>(
            () => folder.Handler.Install("2", InstallSettings.Default, At(UpgradePhase.Switching, folder.Handler.NodeStops)));

        Assert.Equal("1", StartFile.Read(folder.Layout)!.Release);
    }

    [Fact]
    public async Task New_code_that_takes_the_node_along_is_not_committed()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            var top = Process.WhereIs("top")!.Value;
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(
                () => scene.Handler.Install("2", s_watched, At(UpgradePhase.OnProbation, top.Cell!.Kill)));

            Assert.StartsWith("The permanent application demo ended: ", failure.Message, StringComparison.Ordinal);
            Assert.EndsWith(" So release 2 is not committed, and the next start uses 1.", failure.Message, StringComparison.Ordinal);
            Assert.Equal("1", StartFile.Read(scene.Folder.Layout)!.Release);
        });
    }

    [Fact]
    public async Task Behind_a_restart_it_is_left_to_the_node_what_it_becomes()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", "10.0.1", ReleaseHandlerTests.Counter(2));
        await folder.Handler.Install("2", new InstallSettings { MayRestart = true, Probation = TimeSpan.FromMinutes(1) });

        await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Become(folder => folder.NodeStops()));

        Assert.Null(folder.End);
        Assert.False(folder.Handler.LastUpgrade!.IsOver);
        await folder.StartOver();
        Assert.StartsWith("The node ended while ", folder.Handler.LastUpgrade!.Outcome, StringComparison.Ordinal);
        Assert.Equal("1", folder.Handler.Running);
    }
}
