using System.Text.Json;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>The instruction sync_nodes: nodes meet in the middle of their upgrades, all or none.</summary>
public sealed class SyncNodesTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly LocalNodes _nodes = new();
    private readonly List<ReleaseFolder> _folders = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var folder in _folders)
        {
            await folder.DisposeAsync();
        }
    }

    private static LowLevel[] Script(params string[] nodes) =>
    [
        new LowLevel.PointOfNoReturn(),
        new LowLevel.Suspend([new("Counter", SuspendTimeout.Default)]),
        new LowLevel.SyncNodes(JsonDocument.Parse("\"here\"").RootElement, new SyncedNodes.Named([.. nodes])),
        new LowLevel.Load("Counter"),
        new LowLevel.Apply(new FunctionCall("Demo", "behind", [])),
    ];

    private async Task<ReleaseFolder> Node(string name, params string[] meets)
    {
        var folder = new ReleaseFolder();
        _folders.Add(folder);
        folder.Scripts.Sync = _nodes.Join(name, folder.Node.Time);
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));
        await folder.Relup("2", "1", Script(meets), Script(meets));
        return folder;
    }

    private static async Task Serves(ReleaseFolder folder, int version, Pid counter)
    {
        await folder.Node.Run(async () => Assert.Equal(version, await GenServer.Call<int>(counter, "version")));
        Assert.Equal($"{version}", folder.Handler.Running);
    }

    private static async Task<Pid> Counter(ReleaseFolder folder)
    {
        Pid counter = default;
        await folder.Node.Run(async () => counter = await ReleaseHandlerTests.Begin(folder));
        return counter;
    }

    [Fact]
    [Scenario(108, "sync_nodes with oneself and with an unreachable node")]
    public async Task A_node_that_meets_only_itself_goes_on_at_once()
    {
        var folder = await Node("a", "a");
        var counter = await Counter(folder);
        await folder.Handler.Install("2", InstallSettings.Default);
        await Serves(folder, 2, counter);
    }

    [Fact]
    public async Task Nodes_meet_and_none_goes_on_before_the_last_has_come()
    {
        string[] all = ["a", "b", "c"];
        var (a, b, c) = (await Node("a", all), await Node("b", all), await Node("c", all));
        var (first, second) = (await Counter(a), await Counter(c));

        var installing = new[] { a, b }.Select(node => node.Handler.Install("2", InstallSettings.Default)).ToList();
        await Until(() => new[] { a, b }.All(node => node.Scripts.Called.Contains("meet \"here\"")));
        Assert.DoesNotContain(installing, install => install.IsCompleted);
        Assert.DoesNotContain("Demo.behind()", a.Scripts.Called.Concat(b.Scripts.Called));

        await c.Handler.Install("2", InstallSettings.Default);
        await Task.WhenAll(installing);
        await Serves(a, 2, first);
        await Serves(c, 2, second);
    }

    // OTP: no answer after five seconds; nothing limits the wait.
    [Fact]
    [Scenario(108, "sync_nodes with oneself and with an unreachable node")]
    public async Task A_node_that_cannot_be_reached_fails_the_upgrade_and_it_is_rolled_back()
    {
        var folder = await Node("a", "a", "nobody");
        var counter = await Counter(folder);
        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
        Assert.Equal(
            "The nodes did not meet: Node nobody of the meeting \"here\" cannot be reached. Start it, or correct the script. Rolled back: 1 is still running.",
            failure.Message);
        await Serves(folder, 1, counter);
    }

    [Fact]
    public async Task A_node_that_does_not_come_in_time_fails_the_upgrade_of_those_that_wait()
    {
        var folder = await Node("a", "a", "b");
        await Node("b", "a", "b");
        var counter = await Counter(folder);
        var installing = folder.Handler.Install("2", InstallSettings.Default);
        await Until(() => folder.Scripts.Called.Contains("meet \"here\""));
        await AdvanceUntil(folder.Node.Time, () => installing.IsCompleted);

        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => installing);
        Assert.StartsWith(
            "The nodes did not meet: b did not come to the meeting \"here\" within 60 s. Upgrade all nodes at the same time.", failure.Message, StringComparison.Ordinal);
        await Serves(folder, 1, counter);
    }

    [Fact]
    public async Task A_node_whose_upgrade_fails_before_the_meeting_fails_it_for_all_and_the_next_try_can_succeed()
    {
        string[] both = ["a", "b"];
        var (a, b) = (await Node("a", both), await Node("b", both));
        var (first, second) = (await Counter(a), await Counter(b));
        await b.Relup("2", "1", [new LowLevel.PointOfNoReturn(), new LowLevel.Apply(new FunctionCall("Demo", "broken", [])), .. Script(both)[1..]], Script(both));
        b.Scripts.Broken = "broken";

        var waiting = a.Handler.Install("2", InstallSettings.Default);
        await Until(() => a.Scripts.Called.Contains("meet \"here\""));
        await Assert.ThrowsAsync<UpgradeFailedException>(() => b.Handler.Install("2", InstallSettings.Default));
        var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => waiting);
        Assert.StartsWith("The nodes did not meet: The upgrade of node b has failed: ", failure.Message, StringComparison.Ordinal);
        await Serves(a, 1, first);
        await Serves(b, 1, second);

        b.Scripts.Broken = null;
        await Task.WhenAll(a.Handler.Install("2", InstallSettings.Default), b.Handler.Install("2", InstallSettings.Default));
        await Serves(a, 2, first);
        await Serves(b, 2, second);
    }

    [Fact]
    public async Task Nodes_that_name_each_other_differently_do_not_meet()
    {
        var time = new ManualTime();
        var (a, b) = (_nodes.Join("a", time), _nodes.Join("b", time));
        _nodes.Join("c", time);
        var waiting = a.Meet("1", ["a", "b"], s_patience);
        var failure = await Assert.ThrowsAsync<NodeSyncException>(() => b.Meet("1", ["a", "b", "c"], s_patience));
        Assert.Equal("Node b joined the meeting 1 of a, b, but expects to meet a, b, c. Name the same nodes in each script.", failure.Message);
        Assert.Equal(failure.Message, (await Assert.ThrowsAsync<NodeSyncException>(() => waiting)).Message);
    }

    // Would fail if a time-out did not look once more: then one goes on and the other does not.
    [Fact]
    public async Task Whoever_comes_at_the_last_moment_either_meets_all_or_none()
    {
        var (met, missed) = (0, 0);

        for (var i = 0; i < 2_000; i++)
        {
            var time = new ManualTime();
            var nodes = new LocalNodes();
            var (a, b) = (nodes.Join("a", time), nodes.Join("b", time));
            a.Begin();
            b.Begin();
            var waiting = a.Meet("1", ["a", "b"], s_patience);

            var late = Task.Run(async () =>
            {
                try
                {
                    await b.Meet("1", ["a", "b"], s_patience);
                    return true;
                }
                catch (NodeSyncException)
                {
                    return false;
                }
            });
            time.Advance(s_patience);

            if (await Met(waiting))
            {
                Assert.True(await late);
                met++;
            }
            else
            {
                // It came too late, and waits alone.
                a.Fail("It gave up.");
                Assert.False(await late);
                missed++;
            }
        }

        Assert.Equal(2_000, met + missed);
    }

    private static async Task<bool> Met(Task waiting)
    {
        try
        {
            await waiting;
            return true;
        }
        catch (NodeSyncException)
        {
            return false;
        }
    }

    private static async Task Until(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Yield();
        }
    }

    private static async Task AdvanceUntil(ManualTime time, Func<bool> isSo)
    {
        while (!isSo())
        {
            time.Advance(TimeSpan.FromSeconds(61));
            await Task.Yield();
        }
    }
}
