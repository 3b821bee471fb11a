using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests.Behaviours;

/// <summary>Handlers of different modules in one manager: an upgrade finds each by its module and changes its code, and the others work on.</summary>
public sealed class EventHandlerUpgradeTests
{
    // From version 2 on an event says how loud it is, and a change of code is noted.
    private static string Handler(string name, int version, string change = "state + (from.IsDown ? \" down\" : \" up\")") => $$"""
        public sealed record {{name}}Event(string Text{{(version == 1 ? "" : ", int Loud = 3")}});

        public sealed class {{name}} : GenEvent<string>
        {
            protected override Started<string> Init(object? argument) => $"v{{version}} " + argument;

            protected override Answer<string> HandleEvent(object what, string state) => NoReply($"{state} v{{version}}:{what}");

            protected override Answer<string> HandleInfo(object message, string state) => HandleEvent(message, state);

            protected override Answer<string> HandleCall(object request, string state) => Reply(state, state);

            {{(version == 1 ? "" : $"protected override string CodeChange(OldVsn from, string state, object? extra) => {change};")}}
        }
        """;

    private static ValueTask<string> Heard(TestNode node, Pid manager, string module) =>
        EventManager.Call<string>(node.Module(module), manager, "heard");

    [Fact]
    [Scenario(106, "A gen_event manager with dynamic modules")]
    public async Task An_upgrade_of_one_handlers_module_takes_it_up_and_down_and_leaves_the_others_alone()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", Handler("Ear", 1) + Handler("Eye", 1)));
        folder.Package("2", ("demo", Handler("Ear", 2) + Handler("Eye", 1)));

        await folder.Node.Run(async () =>
        {
            var manager = await GenServer.Start<EventManager>();
            var ear = await EventManager.AddHandler(folder.Node.Module("Ear"), manager, "ear");
            var eye = await EventManager.AddHandler(folder.Node.Module("Eye"), manager, "eye");
            EventManager.Notify(manager, "a");

            await folder.Handler.Install("2", InstallSettings.Default);
            EventManager.Notify(manager, "b");
            Assert.Equal("v1 ear v1:a up v2:b", await Heard(folder.Node, manager, "Ear"));
            Assert.Equal("v1 eye v1:a v1:b", await Heard(folder.Node, manager, "Eye"));
            Assert.Equal([eye, ear], (await EventManager.WhichHandlers(manager)).Select(handler => handler.Pid));

            await folder.Handler.Install("1", InstallSettings.Default);
            EventManager.Notify(manager, "c");
            Assert.Equal("v1 ear v1:a up v2:b down v1:c", await Heard(folder.Node, manager, "Ear"));
        });
    }

    [Fact]
    [Scenario(50, "gen_event handler whose code_change fails")]
    public async Task A_handler_whose_CodeChange_throws_fails_the_upgrade_and_every_handler_stays_as_it_was()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", Handler("Ear", 1) + Handler("Eye", 1)));
        folder.Package("2", ("demo", Handler("Ear", 2) + Handler("Eye", 2, "throw new InvalidOperationException(\"Not the eye.\")")));

        await folder.Node.Run(async () =>
        {
            var manager = await GenServer.Start<EventManager>();
            await EventManager.AddHandler(folder.Node.Module("Ear"), manager, "ear");
            await EventManager.AddHandler(folder.Node.Module("Eye"), manager, "eye");
            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Contains("Not the eye.", failure.Message, StringComparison.Ordinal);
            EventManager.Notify(manager, "a");
            Assert.Equal("v1 ear v1:a", await Heard(folder.Node, manager, "Ear"));
            Assert.Equal("v1 eye v1:a", await Heard(folder.Node, manager, "Eye"));
        });
    }

    [Fact]
    public async Task Events_of_an_old_version_that_wait_are_converted_and_the_old_version_goes()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("ear", Handler("Ear", 1), "0.1.0"));
        var manager = await Waiting(node);
        await node.Load(Compile.Application("ear", Handler("Ear", 2), "0.2.0"));

        var report = Assert.Single((await node.Code.Purge("ear", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("ear 0.1.0 (#1) is unloaded.", report.ToString());
        await node.Run(async () =>
        {
            await Sys.Resume((await EventManager.WhichHandlers(manager))[0].Pid);
            Assert.Equal("v1 ear v2:EarEvent { Text = waits, Loud = 3 }", await Heard(node, manager, "Ear"));
        });
    }

    [Theory]
    [InlineData("notify")]
    [InlineData("sync")]
    [InlineData("list")]
    [InlineData("timer")]
    public async Task What_waits_for_a_suspended_manager_or_is_still_to_come_keeps_no_old_version(string what)
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("ear", Handler("Ear", 1), "0.1.0"));
        var manager = await Suspended(node, what);
        await node.Load(Compile.Application("ear", Handler("Ear", 2), "0.2.0"));

        var report = Assert.Single((await node.Code.Purge("ear", PurgeMethod.Soft)).Prove(node.Node));

        Assert.Equal("ear 0.1.0 (#1) is unloaded.", report.ToString());
        await node.Run(async () =>
        {
            await Sys.Resume(manager);
            node.Time.Advance(TimeSpan.FromHours(1));
            await EventManager.WhichHandlers(manager);
            var heard = await EventManager.Call<string>(node.Module("Ear"), manager, "heard");
            Assert.Contains(what == "list" ? "v2:System.Collections.Generic.List`1[EarEvent]" : "EarEvent { Text = waits, Loud = 3 }", heard, StringComparison.Ordinal);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Suspended(TestNode node, string what)
    {
        var manager = default(Pid);
        await node.Run(async () =>
        {
            manager = await GenServer.Start<EventManager>();
            await EventManager.AddHandler(node.Module("Ear"), manager, "ear");
            await Sys.Suspend(manager);
            Wait(node, manager, what);

            // Behind it.
            await Sys.GetStatus(manager);
        });
        return manager;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Wait(TestNode node, Pid manager, string what)
    {
        var happened = Hot.New(node, "EarEvent", "waits");

        switch (what)
        {
            case "notify":
                EventManager.Notify(manager, happened);
                break;
            case "sync":
                // Its caller gives up, and so keeps the event no longer.
                _ = EventManager.SyncNotify(manager, happened, TimeSpan.FromSeconds(1)).AsTask().ContinueWith(
                    failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                node.Time.Advance(TimeSpan.FromSeconds(1));
                break;
            case "list":
                var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(happened.GetType()))!;
                list.Add(happened);
                EventManager.Notify(manager, list);
                break;
            case "timer":
                Process.SendAfter(manager, happened, TimeSpan.FromHours(1));
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Waiting(TestNode node)
    {
        var manager = default(Pid);
        await node.Run(async () =>
        {
            manager = await GenServer.Start<EventManager>();
            var ear = await EventManager.AddHandler(node.Module("Ear"), manager, "ear");
            await Sys.Suspend(ear);
            EventManager.Notify(manager, Hot.New(node, "EarEvent", "waits"));
            await Sys.GetState(manager);
        });
        return manager;
    }
}
