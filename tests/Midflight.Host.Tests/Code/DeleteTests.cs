using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Code that is taken away without anything in its place.</summary>
public sealed class DeleteTests
{
    private static ApplicationImage Cv(int version) => Compile.Application("cv", TwoVersionsTests.Cv(version), $"0.{version}.0");

    [Fact]
    public async Task Deleting_makes_the_current_version_old_and_no_more()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var process = Hot.Spawn(node, "Cv", "Loop", Process.Self);

            Assert.True(node.Code.Delete("cv"));
            Assert.Null(node.Code.FindModule("Cv"));
            Assert.True(process.IsAlive);
            Assert.False((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);
            Assert.False(node.Code.Delete("cv"));

            // There is no current version, so the load purges nothing and the process survives it.
            Assert.IsType<LoadResult.Done>(await node.Code.Load([Cv(2)], purge: null));
            Assert.True(process.IsAlive);
            Process.Send(process, "versions");
            Assert.Equal((1, 2), await Process.Receive());
        });
    } // code-delete

    [Fact]
    public async Task Deleting_is_refused_while_there_is_an_old_version()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var old = Hot.Spawn(node, "Cv", "Loop", Process.Self);
            await node.Load(Cv(2));

            Assert.False(node.Code.Delete("cv"));
            Assert.Equal(2, Hot.Call(node, "Cv", "Vsn"));
            Assert.True(old.IsAlive);

            await node.Code.Purge("cv", PurgeMethod.Brutal);
            Assert.True(node.Code.Delete("cv"));
        });
    } // code-delete-with-old

    [Fact]
    public async Task A_server_of_a_deleted_application_goes_on_and_counts()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("counter", ServerMoveTests.Counter(1)));

        await node.Run(async () =>
        {
            var counter = await GenServer.Start(node.Module("Counter"), 5);
            Assert.True(node.Code.Delete("counter"));

            Assert.Equal("v1: 6", await GenServer.Call<string>(counter, "add"));
            var users = (await node.Code.Purge("counter", PurgeMethod.Soft)).Users;
            Assert.Equal(
                $"{counter} (Counter of counter 0.1.0 (#1)) has no version to move to, as its application is deleted",
                Assert.Single(users).ToString());
        });
    }

    [Fact]
    public async Task An_application_that_another_refers_to_is_not_deleted()
    {
        await using var node = new TestNode();
        var config = Compile.Application("config", "public static class Config { public static int Limit() => 1; }");
        await node.Load(config, Compile.Application("user", "public static class User { public static int Limit() => Config.Limit(); }", uses: config));

        var refused = Assert.Throws<InvalidOperationException>(() => node.Code.Delete("config"));

        Assert.Equal("config was not deleted: user 0.1.0 (#1) refers to it. First load a version of user that does not.", refused.Message);
        Assert.True(node.Code.Delete("user"));
        Assert.True(node.Code.Delete("config"));
    }
}
