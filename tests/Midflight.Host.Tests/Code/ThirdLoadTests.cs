using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>There is room for two versions: what happens to the oldest when a third comes.</summary>
public sealed class ThirdLoadTests
{
    private static ApplicationImage Cv(int version) => Compile.Application("cv", TwoVersionsTests.Cv(version), $"0.{version}.0");

    [Fact]
    public async Task A_load_that_purges_nothing_is_refused_while_there_is_an_old_version_used_or_not()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var old = Hot.Spawn(node, "Cv", "Loop", Process.Self);
            await node.Load(Cv(2));

            var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([Cv(3)], purge: null));
            Assert.Equal("cv was not loaded: its old version, cv 0.1.0 (#1), is still loaded. Purge that first.", refused.Why.ToString());
            Assert.Equal(2, Hot.Call(node, "Cv", "Vsn"));
            Assert.True(old.IsAlive);

            Assert.False((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);
            Assert.True(old.IsAlive);
            Assert.NotEmpty((await node.Code.Purge("cv", PurgeMethod.Brutal)).Users);
            Assert.False(old.IsAlive);

            Assert.IsType<LoadResult.Done>(await node.Code.Load([Cv(3)], purge: null));
            Assert.Equal(3, Hot.Call(node, "Cv", "Vsn"));
            Assert.IsType<LoadResult.Refused>(await node.Code.Load([Cv(4)], purge: null));
        });
    } // code-third-load-file

    [Fact]
    public async Task A_load_that_purges_brutally_kills_what_runs_the_oldest_version_and_nothing_else()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var first = Hot.Spawn(node, "Cv", "Loop", Process.Self);
            var monitor = Process.Monitor(first);
            await node.Load(Cv(2));
            var second = Hot.Spawn(node, "Cv", "Loop", Process.Self);

            Assert.IsType<LoadResult.Done>(await node.Code.Load([Cv(3)], PurgeMethod.Brutal));

            Assert.Equal(new Down(monitor, first, ExitReason.Killed), await Process.Receive());
            Assert.True(second.IsAlive);
            Assert.Equal(3, Hot.Call(node, "Cv", "Vsn"));
        });
    } // code-third-load-binary

    [Fact]
    public async Task A_load_that_purges_softly_is_refused_and_names_the_processes()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var old = Hot.Spawn(node, "Cv", "Loop", Process.Self);
            await node.Load(Cv(2));

            var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([Cv(3)], PurgeMethod.Soft));

            Assert.Equal(
                $"cv has old code that is still in use: {old} (Cv of cv 0.1.0 (#1)) runs a function of it. Stop these processes, or purge with brutal.",
                refused.Why.ToString());
            Assert.True(old.IsAlive);
            Assert.Equal(2, Hot.Call(node, "Cv", "Vsn"));
        });
    }

    [Fact]
    public async Task A_version_that_was_prepared_before_another_load_is_refused()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));
        var prepared = (await node.Code.Prepare([Cv(2)])).OrThrow();

        await node.Load(Cv(3));

        Assert.Equal("cv 0.2.0 was not loaded: another load came first. Load it again.", node.Code.Flip(prepared)!.ToString());
        node.Code.Discard(prepared);
        Assert.Equal(3, Hot.Call(node, "Cv", "Vsn"));
    }
}
