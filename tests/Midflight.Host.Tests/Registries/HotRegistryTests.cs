using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Registries and persistent values live across code versions: converted with the upgrade, put back with it, and free of old code.</summary>
public sealed class HotRegistryTests
{
    private static (string, string) Room(int version, string members, string codeChange = "state") => ("demo", $$"""
        public sealed record Key(string Name);

        public sealed record Topic({{members}});

        public sealed class Room : GenServer<int>
        {
            public static readonly PersistentValue<Topic> Default = new("default");

            public static async Task<Pid> Begin()
            {
                Default.Put(new Topic("weather"));
                Registry.PutMeta("rooms", "topic", new Topic("weather"));
                return await Start<Room>(null, new Via("rooms", new Key("lobby")));
            }

            public static string Show() => $"{{version}}: {Registry.Lookup("rooms", new Key("lobby")).Count} {Registry.Lookup("topics", new Key("news"))[0].ValueAs<Topic>()} {Default.Value}{(Registry.TryGetMeta<Topic>("rooms", "topic", out var topic) && topic == Default.Value ? "" : " and other metadata")}";

            protected override Started<int> Init(object? argument)
            {
                Registry.Register("topics", new Key("news"), new Topic("news"));
                return 0;
            }

            protected override int CodeChange(OldVsn from, int state, object? extra) => {{codeChange}};

            protected override Answer<int> HandleCall(object request, int state)
            {
                if (request is "update")
                {
                    Registry.Unregister("topics", new Key("news"));
                    Registry.Register("topics", new Key("news"), new Topic("updated"));
                }

                return Reply(Show(), state);
            }
        }
        """);

    private const string First = "1: 1 Topic { Name = news } Topic { Name = weather }";
    private const string Second = "2: 1 Topic { Name = news, Kind = x } Topic { Name = weather, Kind = x }";

    // Of the node and not of the test's process, which ends earlier.
    private static async Task<Pid> Begin(TestNode node)
    {
        await GenServer.Start<Registry>(new Registry.RegistrySpec("rooms", RegistryKeys.Unique, []));
        await GenServer.Start<Registry>(new Registry.RegistrySpec("topics", RegistryKeys.Duplicate, []));
        return await (Task<Pid>)Hot.Call(node, "Room", "Begin")!;
    }

    [Fact]
    public async Task Keys_and_values_are_converted_up_and_down()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Room(1, "string Name"));
        folder.Package("2", Room(2, "string Name, string Kind = \"x\""));

        await folder.Node.Run(async () =>
        {
            var room = await Begin(folder.Node);
            Assert.Equal(First, await GenServer.Call<string>(room, "show"));
            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal(Second, await GenServer.Call<string>(room, "show"));
            Assert.Equal("2: 1 Topic { Name = updated, Kind = x } Topic { Name = weather, Kind = x }", await GenServer.Call<string>(room, "update"));
            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal("1: 1 Topic { Name = updated } Topic { Name = weather }", await GenServer.Call<string>(room, "show"));
            Process.Exit(room, ExitReason.Kill);
            var monitor = Process.Monitor(room);
            await Process.Receive<Down>(down => down.Ref == monitor);
            Assert.Equal((0, 0), (Registry.Count("rooms"), Registry.Count("topics")));
        });
    }

    [Fact]
    public async Task An_upgrade_that_fails_puts_them_back()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Room(1, "string Name"));
        folder.Package("2", Room(2, "string Name, string Kind = \"x\"", "throw new InvalidOperationException(\"Not now.\")"));

        await folder.Node.Run(async () =>
        {
            var room = await Begin(folder.Node);
            await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Equal(First, await GenServer.Call<string>(room, "show"));
            Assert.Equal("1: 1 Topic { Name = updated } Topic { Name = weather }", await GenServer.Call<string>(room, "update"));
        });
    }

    private static ApplicationImage Image(int version, string members) => Compile.Application("demo", Room(version, members).Item2, $"0.{version}.0");

    [Fact]
    public async Task They_keep_no_old_code_in_memory()
    {
        await using var node = new TestNode();
        await node.Load(Image(1, "string Name"));
        var room = await Started(node);
        await node.Load(Image(2, "string Name, string Kind = \"x\""));

        Assert.Equal("demo 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("demo", PurgeMethod.Soft)).Prove(node.Node)).ToString());
        await node.Run(async () => Assert.Equal(Second, await GenServer.Call<string>(room, "show")));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Started(TestNode node)
    {
        var room = default(Pid);
        await node.Run(async () => room = await Begin(node));
        return room;
    }

    [Fact]
    public async Task What_a_store_holds_of_old_code_is_named_by_the_purge()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", "public sealed record Topic(string Name); public sealed record Gone(int Number);"));
        await Put(node);

        // By hand, as a load would refuse it.
        var prepared = (await node.Code.Prepare([Compile.Application("demo", "public sealed record Topic(string Name);", "0.2.0")])).OrThrow();
        Assert.Null(node.Code.Flip(prepared));
        var report = Assert.Single((await node.Code.Purge("demo", PurgeMethod.Soft)).Prove(node.Node));
        Assert.Equal("demo 0.1.0 (#1) is still in memory. What the persistent value 'gone' holds is Gone.", report.ToString());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task Put(TestNode node) => node.Run(() =>
    {
        new PersistentValue<object>("gone").Put(Hot.New(node, "Gone", 1));
        return Task.CompletedTask;
    });
}
