using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Events;

public sealed class EventManagerTests : ProcessTest
{
    /// <summary>Keeps what it hears, and says when it ends.</summary>
    internal sealed class Ear : GenEvent<string>
    {
        protected override Started<string> Init(object? argument) => argument switch
        {
            "ignore" => Ignore(),
            "refuse" => Refuse(ExitReason.Other("not today")),
            Exception exception => throw exception,
            SwappedIn(var with, var handed) => $"{with} after {handed};",
            _ => $"{argument}",
        };

        protected override Answer<string> HandleEvent(object what, string state) => what switch
        {
            "fail" => throw new FormatException("bad event"),
            "leave" => Stop(ExitReason.Normal, state),
            _ => NoReply(state + what),
        };

        protected override Answer<string> HandleCall(object request, string state) => request switch
        {
            "heard" => Reply(state, state),
            "bye" => Stop(ExitReason.Normal, "bye", state),
            _ => base.HandleCall(request, state),
        };

        protected override Answer<string> HandleInfo(object message, string state) => NoReply($"{state}({message})");

        protected override object? HandOver(string state) => state;

        protected override void Terminate(ExitReason reason, string state)
        {
            if (WhereIs("witness") is { } witness)
            {
                Send(witness, $"{state} ended: {reason}");
            }
        }
    }

    /// <summary>Hears slowly: it waits for a word from the test.</summary>
    private sealed class Slow : GenEvent<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override async ValueTask<Answer<int>> HandleEventAsync(object what, int state)
        {
            if (what is TaskCompletionSource word)
            {
                await word.Task;
            }

            return NoReply(state + 1);
        }

        protected override Answer<int> HandleCall(object request, int state) => Reply(state, state);
    }

    private static ValueTask<string> Heard(Pid manager, string? id = null) => EventManager.Call<Ear, string>(manager, "heard", id);

    [Fact]
    public Task Every_handler_hears_every_event_in_order() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager, "1:", "one");
        await EventManager.AddHandler<Ear>(manager, "2:", "two");
        EventManager.Notify(manager, "a");
        EventManager.Notify(manager, "b");
        await EventManager.SyncNotify(manager, "c");
        Send(manager, "info");
        Assert.Equal("1:abc(info)", await Heard(manager, "one"));
        Assert.Equal("2:abc(info)", await Heard(manager, "two"));
        Assert.Equal(["two", "one"], (await EventManager.WhichHandlers(manager)).Select(handler => handler.Id));
    });

    [Fact]
    public Task A_synchronous_event_is_waited_for_and_a_slow_handler_holds_up_no_other() => Run(async () =>
    {
        var manager = await Start<EventManager>(name: "events");
        await EventManager.AddHandler<Slow>("events");
        await EventManager.AddHandler<Ear>("events");
        var word = new TaskCompletionSource();
        EventManager.Notify("events", word);
        var waiting = EventManager.SyncNotify("events", "x");
        Assert.EndsWith("x", await Heard(manager));
        Assert.False(waiting.IsCompleted);
        word.SetResult();
        await waiting;
        Assert.Equal(2, await EventManager.Call<Slow, int>("events", "count"));
        await EventManager.SyncNotify(await Start<EventManager>(), "nobody is there");
    });

    [Fact]
    public Task A_handler_that_crashes_is_reported_and_gone_and_the_others_hear_on() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager, "1:", "one", supervised: true);
        await EventManager.AddHandler<Slow>(manager);
        EventManager.Notify(manager, "fail");
        var removed = await Receive<HandlerRemoved>();
        Assert.Equal((manager, typeof(Ear).FullName, "one"), (removed.Manager, removed.Module, removed.Id));
        Assert.Equal("bad event", removed.Reason.Exception!.Message);
        await EventManager.SyncNotify(manager, "a");
        Assert.Equal(2, await EventManager.Call<Slow, int>(manager, "count"));
        Assert.Equal(typeof(Slow).FullName, Assert.Single(await EventManager.WhichHandlers(manager)).Module);
        Assert.Contains("last message: fail", Assert.Single(Logged));
        Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(() => Heard(manager, "one").AsTask())).Failure);
    });

    [Fact]
    public Task A_synchronous_event_at_which_a_handler_crashes_comes_back() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager);
        await EventManager.SyncNotify(manager, "fail");
        await Until(() => Logged.Any());
        Assert.Empty(await EventManager.WhichHandlers(manager));
    });

    [Fact]
    public Task A_handler_may_remove_itself_and_be_deleted_after_its_Terminate() => Run(async () =>
    {
        Register("witness", Self);
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager, "1", supervised: true);
        EventManager.Notify(manager, "leave");
        Assert.Equal("1 ended: normal", await Receive<string>());
        Assert.Equal(ExitReason.Normal, (await Receive<HandlerRemoved>()).Reason);

        await EventManager.AddHandler<Ear>(manager, "2");
        Assert.True(await EventManager.DeleteHandler<Ear>(manager));
        Assert.Equal("2 ended: shutdown", await Receive<string>(TimeSpan.Zero));
        Assert.False(await EventManager.DeleteHandler<Ear>(manager));
        Assert.Empty(Logged);
    });

    [Fact]
    public Task A_handler_is_swapped_for_another_which_is_given_what_it_hands_over() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager, "old:", "old", supervised: true);
        EventManager.Notify(manager, "a");
        await EventManager.SwapHandler(manager, typeof(Ear), "old", typeof(Ear), "new", "new");
        EventManager.Notify(manager, "b");
        Assert.Equal("new after old:a;b", await Heard(manager, "new"));
        Assert.Equal(Self, Assert.Single(await EventManager.WhichHandlers(manager)).Supervisor);
        Assert.Null(await Receive<HandlerRemoved>(TimeSpan.Zero));

        await EventManager.SwapHandler(manager, typeof(Ear), "nobody", typeof(Ear), "third", "third");
        Assert.Equal("third after ;", await Heard(manager, "third"));
    });

    [Fact]
    public Task A_handler_goes_with_the_process_that_supervises_it() => Run(async () =>
    {
        Register("witness", Self);
        var manager = await Start<EventManager>();
        var owner = Spawn(async () =>
        {
            await EventManager.AddHandler<Ear>(manager, "mine", supervised: true);
            Send(WhereIs("witness")!.Value, "added");
            await Receive();
        });
        Assert.Equal("added", await Receive<string>());
        Send(owner, "end");
        Assert.Equal("mine ended: shutdown", await Receive<string>());
        Assert.Empty(await EventManager.WhichHandlers(manager));
    });

    [Fact]
    public Task Handlers_end_with_their_manager_after_Terminate_and_their_supervisors_hear_of_it() => Run(async () =>
    {
        Register("witness", Self);
        var manager = await Start<EventManager>();
        await EventManager.AddHandler<Ear>(manager, "1", supervised: true);
        Unlink(manager);
        await Sys.Terminate(manager, ExitReason.Shutdown);
        Assert.Equal("1 ended: shutdown", await Receive<string>());
        Assert.Equal(ExitReason.Shutdown, (await Receive<HandlerRemoved>()).Reason);
    });

    [Fact]
    public Task A_handler_that_does_not_start_is_not_added_and_the_reason_is_told() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        Assert.Equal(ExitReason.Other("not today"), (await Assert.ThrowsAsync<StartFailedException>(() => EventManager.AddHandler<Ear>(manager, "refuse").AsTask())).Reason);
        Assert.Equal(
            $"{typeof(Ear).FullName} was not added: its Init returned Ignore. A handler must start, or refuse with a reason.",
            (await Assert.ThrowsAsync<StartFailedException>(() => EventManager.AddHandler<Ear>(manager, "ignore").AsTask())).Message);
        Assert.IsType<FormatException>((await Assert.ThrowsAsync<StartFailedException>(() => EventManager.AddHandler<Ear>(manager, new FormatException()).AsTask())).Reason!.Exception);
        Assert.Empty(await EventManager.WhichHandlers(manager));

        var first = await EventManager.AddHandler<Ear>(manager);
        Assert.Equal(
            $"{typeof(Ear).FullName} was not added: {typeof(Ear).FullName} {first} is already there. Delete it first, or give another id.",
            (await Assert.ThrowsAsync<StartFailedException>(() => EventManager.AddHandler<Ear>(manager).AsTask())).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => EventManager.AddHandler<EventManager>(manager).AsTask());
    });

    [Fact]
    [Scenario(49, "gen_event code_change")]
    public Task A_handler_is_suspended_looked_into_and_resumed_by_itself() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        var one = await EventManager.AddHandler<Ear>(manager, "1:", "one");
        await EventManager.AddHandler<Ear>(manager, "2:", "two");
        await Sys.Suspend(one);
        EventManager.Notify(manager, "a");
        Assert.Equal("2:a", await Heard(manager, "two"));
        Assert.Equal("1:", await Sys.GetState(one));
        await Sys.ReplaceState(one, state => state + "new");
        await Sys.Resume(one);
        Assert.Equal("1:newa", await Heard(manager, "one"));
    });

    [Fact]
    public Task It_is_a_child_of_a_supervisor_and_begins_without_handlers_when_it_is_started_again() => Run(async () =>
    {
        await Start<Parent>();
        var manager = WhereIs("alarms")!.Value;
        await EventManager.AddHandler<Ear>("alarms");
        Exit(manager, ExitReason.Kill);
        await Until(() => WhereIs("alarms") is { } again && again != manager);
        Assert.Empty(await EventManager.WhichHandlers("alarms"));
        await Until(() => Node.ProcessCount == 3);
    });

    private sealed class Parent : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<EventManager>() with { Name = "alarms" }]);
    }

    // Marker.Undeliverable: without it a synchronous event waits for ever for a handler that is just ending.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Synchronous_events_of_many_come_back_while_handlers_come_crash_and_go() => Run(async () =>
    {
        const int Notifiers = 8;
        const int Each = 500;
        var self = Self;
        var manager = await Start<EventManager>();

        for (var i = 0; i < 8; i++)
        {
            await EventManager.AddHandler<Slow>(manager, id: $"{i}");
        }

        for (var i = 0; i < Notifiers; i++)
        {
            Spawn(async () =>
            {
                for (var j = 0; j < Each; j++)
                {
                    await EventManager.SyncNotify(manager, "event", Timeout.InfiniteTimeSpan);
                }

                Send(self, "done");
            });
        }

        Spawn(async () =>
        {
            for (var i = 0; manager.IsAlive; i++)
            {
                var ear = await EventManager.AddHandler<Ear>(manager, id: $"{i}");
                Exit(ear, ExitReason.Kill);
                await EventManager.SyncNotify(manager, "event", Timeout.InfiniteTimeSpan);
            }
        });

        for (var i = 0; i < Notifiers; i++)
        {
            Assert.Equal("done", await Receive<string>());
        }

        for (var i = 0; i < 8; i++)
        {
            Assert.InRange(await EventManager.Call<Slow, int>(manager, "count", $"{i}"), Notifiers * Each, int.MaxValue);
        }
    });

    [Fact]
    public Task A_handler_that_ends_with_its_reply_is_removed_before_it_replies() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        Register("witness", Self);

        for (var i = 0; i < 200; i++)
        {
            await EventManager.AddHandler<Ear>(manager, i, "1", supervised: true);
            Assert.Equal("bye", await EventManager.Call<Ear, string>(manager, "bye", "1"));
            await EventManager.AddHandler<Ear>(manager, "next", "1");
            Assert.Equal($"{i} ended: normal", await Receive<string>());
            Assert.Equal(ExitReason.Normal, (await Receive<HandlerRemoved>()).Reason);
            Assert.Equal("next", await EventManager.Call<Ear, string>(manager, "heard", "1"));
            Assert.True(await EventManager.DeleteHandler<Ear>(manager, "1"));
            Assert.Equal("next ended: shutdown", await Receive<string>());
        }
    });

    [Fact]
    public Task A_handler_that_is_there_already_is_told_with_its_process() => Run(async () =>
    {
        var manager = await Start<EventManager>();
        var first = await EventManager.AddHandler<Ear>(manager);
        Assert.Equal(first, (await Assert.ThrowsAsync<StartFailedException>(() => EventManager.AddHandler<Ear>(manager).AsTask())).AlreadyStarted);
    });
}
