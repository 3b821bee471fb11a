using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>That the memory of a purged version goes, and what is said where it does not.</summary>
public sealed class UnloadTests
{
    private static ApplicationImage Image(int version, KeepMode keep = KeepMode.Unloadable) =>
        Compile.Application("counter", ServerMoveTests.Counter(version), $"0.{version}.0", keep);

    [Fact]
    public async Task A_purged_version_is_gone_from_memory_though_its_server_lives_on()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var counter = await Start(node);
        await node.Load(Image(2));

        var report = Assert.Single((await node.Code.Purge("counter", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("counter 0.1.0 (#1) is unloaded.", report.ToString());
        Assert.True(counter.IsAlive);
    }

    [Fact]
    public async Task A_version_that_a_state_holds_is_reported_with_the_process_and_the_path()
    {
        await using var node = new TestNode();
        await node.Load(Image(1), Compile.Application("box", """
            public sealed record Contents(object Thing);

            public sealed class Box : GenServer<Contents>
            {
                protected override Started<Contents> Init(object? argument) => new Contents(argument!);
            }
            """));
        var box = await Box(node);
        await node.Load(Image(2));

        var report = Assert.Single((await node.Code.Purge("counter", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal($"counter 0.1.0 (#1) is still in memory. The state of process {box} (Box) holds Contents.Thing.", report.ToString());
    }

    [Theory]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(new Contents(1))")]
    [InlineData("System.Text.Json.JsonSerializer.Deserialize<Contents>(\"{}\")!.ToString()")]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(new Contents(1), new System.Text.Json.JsonSerializerOptions())")]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(new Contents(1), new System.Text.Json.JsonSerializerOptions { WriteIndented = true })")]
    public async Task What_the_serializer_remembers_of_hot_types_is_forgotten_at_the_purge(string use)
    {
        static ApplicationImage Box(string use, int version) => Compile.Application("box", $$"""
            public sealed record Contents(int N);
            public static class Uses { public static string Now() => {{use}}; public static int Version => {{version}}; }
            """, $"0.{version}.0");

        await using var node = new TestNode();
        await node.Load(Box(use, 1));
        Hot.Call(node, "Uses", "Now");
        await node.Load(Box(use, 2));
        Assert.Equal("box 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("box", PurgeMethod.Soft)).Prove(node.Node)).ToString());
    }

    [Fact]
    public async Task A_version_that_something_else_holds_is_reported_as_such()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var held = Hot.New(node, "Count", 1);
        await node.Load(Image(2));

        var report = Assert.Single((await node.Code.Purge("counter", PurgeMethod.Soft)).Prove(node.Node));

        Assert.StartsWith("counter 0.1.0 (#1) is still in memory. No process holds a value of it", report.ToString(), StringComparison.Ordinal);
        GC.KeepAlive(held);
    }

    [Fact]
    public async Task Messages_that_wait_for_a_suspended_server_move_with_it_and_keep_nothing()
    {
        await using var node = new TestNode();
        await node.Load(Mailbox(1));
        var server = await Suspended(node);
        await node.Load(Mailbox(2));

        var report = Assert.Single((await node.Code.Purge("mailbox", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("mailbox 0.1.0 (#1) is unloaded.", report.ToString());
        await node.Run(async () =>
        {
            await Sys.Resume(server);
            Assert.Equal("2: Added { Amount = 7 }", await GenServer.Call<string>(server, "last"));
        });
    }

    [Fact]
    public async Task A_message_that_a_timer_will_send_moves_with_its_receiver_and_keeps_nothing()
    {
        await using var node = new TestNode();
        await node.Load(Mailbox(1));
        var server = await Ticking(node);
        await node.Load(Mailbox(2));

        var report = Assert.Single((await node.Code.Purge("mailbox", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("mailbox 0.1.0 (#1) is unloaded.", report.ToString());
        node.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("2: Added { Amount = 7 }", await GenServer.Call<string>(server, "last"));
    }

    [Fact]
    public async Task A_call_that_was_answered_long_before_its_time_is_over_keeps_neither_request_nor_reply()
    {
        await using var node = new TestNode();
        await node.Load(Mailbox(1));
        await Answered(node);
        await node.Load(Mailbox(2));

        var report = Assert.Single((await node.Code.Purge("mailbox", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("mailbox 0.1.0 (#1) is unloaded.", report.ToString());
    }

    private static ApplicationImage Mailbox(int version) => Compile.Application("mailbox", $$"""
        public sealed record Added(int Amount);

        public sealed class Mailbox : GenServer<string>
        {
            protected override Started<string> Init(object? argument) => "";

            protected override Answer<string> HandleCall(object request, string state) =>
                request is Added ? Reply(request, state) : Reply(state, state);

            protected override Answer<string> HandleCast(object message, string state) => NoReply($"{{version}}: {(Added)message}");

            protected override Answer<string> HandleInfo(object message, string state) => HandleCast(message, state);
        }
        """, $"0.{version}.0");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Suspended(TestNode node)
    {
        var server = default(Pid);
        await node.Run(async () =>
        {
            server = await GenServer.Start(node.Module("Mailbox"));
            await Sys.Suspend(server);

            for (var amount = -100; amount <= 7; amount++)
            {
                GenServer.Cast(server, Hot.New(node, "Added", amount));
            }
        });
        return server;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Ticking(TestNode node)
    {
        var server = default(Pid);
        await node.Run(async () =>
        {
            server = await GenServer.Start(node.Module("Mailbox"));
            Process.SendEvery(server, Hot.New(node, "Added", 7), TimeSpan.FromHours(1));
        });
        return server;
    }

    // The server is suspended, so that the call has to wait; and the test is no process, so that the timers hold the call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task Answered(TestNode node)
    {
        var server = await Suspended(node);
        var answer = GenServer.Call<object>(server, Hot.New(node, "Added", 8), TimeSpan.FromHours(1));
        await node.Run(() => Sys.Resume(server).AsTask());
        Assert.Equal("Added { Amount = 8 }", (await answer).ToString());
    }

    [Fact]
    public async Task A_retained_version_stays_and_says_so()
    {
        await using var node = new TestNode();
        await node.Load(Image(1, KeepMode.Retained));
        await node.Load(Image(2, KeepMode.Retained));

        var report = Assert.Single((await node.Code.Purge("counter", PurgeMethod.Brutal)).Prove(node.Node));

        Assert.Equal("counter 0.1.0 (#1) is still in memory. It is Retained: it runs at full speed, and its code stays in memory.", report.ToString());
    }

    [Fact]
    public async Task What_was_prepared_and_discarded_is_gone_from_memory()
    {
        await using var node = new TestNode();
        Unloaded.Assert(await Discarded(node));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> Discarded(TestNode node)
    {
        var prepared = (await node.Code.Prepare([Image(1)])).OrThrow();
        var context = new WeakReference(prepared.Versions[0].Context, trackResurrection: true);
        node.Code.Discard(prepared);
        return context;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Start(TestNode node)
    {
        var counter = default(Pid);
        await node.Run(async () =>
        {
            counter = await GenServer.Start(node.Module("Counter"), 0);
            await GenServer.Call<string>(counter, "add");
        });
        return counter;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Box(TestNode node)
    {
        var box = default(Pid);
        await node.Run(async () => box = await GenServer.Start(node.Module("Box"), Hot.New(node, "Count", 1)));
        return box;
    }
}
