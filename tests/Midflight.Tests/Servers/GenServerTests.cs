using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Servers;

public sealed class GenServerTests : ProcessTest
{
    /// <summary>Does what its messages say.</summary>
    private sealed class Obedient : GenServer<int>
    {
        internal sealed record Say(Func<int, Answer<int>> What);

        internal static Say Do(Func<int, Answer<int>> what) => new(what);

        internal static Answer<int> Replying<T>(T reply, int state) => Reply(reply, state);

        internal static Answer<int> Going(int state) => NoReply(state);

        internal static Answer<int> Stopping(ExitReason reason, int state) => Stop(reason, state);

        internal static Answer<int> StoppingWith<T>(ExitReason reason, T reply, int state) => Stop(reason, reply, state);

        internal static From Caller => From;

        protected override Started<int> Init(object? argument) => argument switch
        {
            "ignore" => Ignore(),
            "refuse" => Refuse(ExitReason.Other("not today")),
            "continue" => new Started<int>().Continue("from Init"),
            "wait" => new Started<int>().WithTimeout(Ms(50)),
            Pid pid => Linked(pid),
            Exception exception => throw exception,
            _ => 0,
        };

        private static Started<int> Linked(Pid pid)
        {
            Link(pid);
            return 0;
        }

        protected override Answer<int> HandleCall(object request, int state) => request switch
        {
            Say(var what) => what(state),
            "get" => Reply(state, state),
            _ => base.HandleCall(request, state),
        };

        protected override Answer<int> HandleCast(object message, int state) => message is Say(var what) ? what(state) : base.HandleCast(message, state);

        protected override Answer<int> HandleInfo(object message, int state) => message switch
        {
            Say(var what) => what(state),
            IdleTimeout => NoReply(state + 1_000),
            _ => base.HandleInfo(message, state),
        };

        protected override ValueTask<Answer<int>> HandleContinueAsync(object with, int state) => new(NoReply(state + 100));

        protected override void Terminate(ExitReason reason, int state)
        {
            if (WhereIs("witness") is { } witness)
            {
                Send(witness, $"terminated: {reason}, {state}");
            }
        }
    }

    private static ValueTask<int> Get(Pid server) => Call<int>(server, "get");

    [Fact]
    public Task A_call_a_cast_and_a_message_each_go_to_their_callback() => Run(async () =>
    {
        var server = await Start<Obedient>();
        Assert.Equal("reply", await Call<string>(server, Obedient.Do(state => Obedient.Replying("reply", state + 1))));
        Cast(server, Obedient.Do(state => Obedient.Going(state + 10)));
        Send(server, Obedient.Do(state => Obedient.Going(state + 100)));
        Assert.Equal(111, await Get(server));
    });

    [Fact]
    public Task A_continuation_runs_before_the_next_message_after_Init_a_call_in_place_and_a_cast() => Run(async () =>
    {
        var server = await Start<Obedient>("continue");
        Assert.Equal(100, await Get(server));

        await Call<int>(server, Obedient.Do(state => Obedient.Replying(0, state).Continue("in place")));
        Assert.Equal(200, await Get(server));

        Cast(server, Obedient.Do(state => Obedient.Going(state).Continue("cast")));
        Assert.Equal(300, await Get(server));
    });

    [Fact]
    public async Task A_continuation_is_run_even_if_no_message_follows()
    {
        var went = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Run(async () =>
        {
            var server = await Start<Continuing>(went);
            await went.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            went = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await Call<int>(server, went);
            await went.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        });
    }

    [Fact]
    public Task A_caller_does_not_wait_for_a_cast_that_came_during_its_call() => Run(async () =>
    {
        var went = new ManualResetEventSlim();
        var server = await Start<Obedient>();

        // Were the cast handled before the caller goes on, nothing would ever set the event.
        Assert.Equal(0, await Call<int>(server, Obedient.Do(state =>
        {
            Cast(server, Obedient.Do(next => Waiting(went, next)));
            return Obedient.Replying(0, state);
        })));
        went.Set();
        Assert.Equal(1, await Get(server));

        static Answer<int> Waiting(ManualResetEventSlim went, int state)
        {
            went.Wait();
            return Obedient.Going(state + 1);
        }
    });

    [Fact]
    public Task A_caller_is_answered_before_the_continuation_of_its_call_runs() => Run(async () =>
    {
        var went = new ManualResetEventSlim();
        var server = await Start<Reluctant>();
        Assert.Equal("at once", await Call<string>(server, went));
        went.Set();
        Assert.Equal("at once", await Call<string>(server, went));
    });

    private sealed class Reluctant : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override Answer<int> HandleCall(object request, int state) => Reply("at once", state).Continue(request);

        protected override ValueTask<Answer<int>> HandleContinueAsync(object with, int state)
        {
            ((ManualResetEventSlim)with).Wait();
            return new(NoReply(state));
        }
    }

    private sealed class Continuing : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => new Started<int>().Continue(argument!);

        protected override Answer<int> HandleCall(object request, int state) => Reply(0, state).Continue(request);

        protected override ValueTask<Answer<int>> HandleContinueAsync(object with, int state)
        {
            ((TaskCompletionSource)with).SetResult();
            return new(NoReply(state));
        }
    }

    [Fact]
    public Task A_reply_may_come_later_and_from_another_process_and_the_first_counts() => Run(async () =>
    {
        var server = await Start<Obedient>();
        var kept = default(From);
        var call = Call<string>(server, Obedient.Do(state =>
        {
            kept = Obedient.Caller;
            return Obedient.Going(state + 1);
        }));

        Assert.Equal(1, await Get(server));
        Assert.False(call.IsCompleted);
        Assert.Equal(Self, kept.Pid);
        await EndOf(Spawn(() =>
        {
            Reply(kept, "later");
            Reply(kept, "too late");
            return Task.CompletedTask;
        }));
        Assert.Equal("later", await call);
    });

    [Fact]
    public Task A_caller_who_is_owed_a_reply_fails_when_the_server_ends() => Run(async () =>
    {
        var server = await Start<Obedient>();
        var call = Call<int>(server, Obedient.Do(Obedient.Going)).AsTask();
        Exit(server, ExitReason.Shutdown);
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => call);
        Assert.Equal((CallFailure.Ended, ExitReason.Shutdown), (failed.Failure, failed.Reason));
    });

    [Fact]
    public Task A_call_that_waits_in_the_mailbox_when_the_server_ends_learns_the_reason() => Run(async () =>
    {
        var server = await Start<Obedient>();
        await Sys.Suspend(server);
        var call = Get(server).AsTask();
        Exit(server, ExitReason.Other("broken"));
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => call);
        Assert.Equal($"Call of {server} with get failed: it ended before it replied (broken). Its crash report says more.", failed.Message);
    });

    [Fact]
    public Task A_call_of_no_process_says_so_by_pid_and_by_name() => Run(async () =>
    {
        var server = await Start<Obedient>();
        Exit(server, ExitReason.Kill);
        await EndOf(server);
        var byPid = await Assert.ThrowsAsync<CallFailedException>(() => Get(server).AsTask());
        Assert.Equal($"Call of {server} with get failed: no such process. Start it first, or monitor it to learn when it ends.", byPid.Message);
        var byName = await Assert.ThrowsAsync<CallFailedException>(() => Call<int>("nobody", "get").AsTask());
        Assert.Equal("Call of 'nobody' with get failed: no such process. Start it first, or monitor it to learn when it ends.", byName.Message);
        Cast("nobody", 1);
    });

    [Fact]
    public Task A_call_times_out_and_its_late_reply_is_dropped() => Run(async () =>
    {
        var server = await Start<Obedient>();
        var kept = default(From);
        var call = Call<int>(
            server,
            Obedient.Do(state =>
            {
                kept = Obedient.Caller;
                return Obedient.Going(state);
            }),
            Ms(200)).AsTask();
        Time.Advance(Ms(199));
        await Task.Yield();
        Assert.False(call.IsCompleted);
        Time.Advance(Ms(1));
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => call);
        Assert.Equal(CallFailure.TimedOut, failed.Failure);
        Assert.Contains("no reply within 200 ms. The server may still handle it", failed.Message);
        Reply(kept, 1);
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_call_to_many_gives_the_replies_and_names_who_gave_none() => Run(async () =>
    {
        var first = await Start<Obedient>();
        var second = await Start<Obedient>();
        await Call<int>(second, Obedient.Do(_ => Obedient.Replying(0, 7)));
        var suspended = await Start<Obedient>();
        await Sys.Suspend(suspended);
        var calling = MultiCall<int>([first, "nobody", suspended, second], "get", Ms(100)).AsTask();
        await Task.Yield();
        Time.Advance(Ms(100));
        var outcome = await calling;
        Assert.Equal([(first, 0), (second, 7)], outcome.Replies);
        Assert.Equal(
            [("nobody", CallFailure.NoProcess), (suspended, CallFailure.TimedOut)],
            outcome.Failures.Select(failed => (failed.Server, failed.Failure.Failure)));
        await Sys.Resume(suspended);
        Assert.Equal(0, await Get(suspended));
    });

    [Fact]
    public async Task A_call_from_outside_of_any_process_is_answered_fails_and_times_out_alike()
    {
        var server = default(Pid);
        await Run(async () => server = await Start<Obedient>());
        Assert.Equal(0, await Get(server));

        var owed = Call<int>(server, Obedient.Do(Obedient.Going), Ms(100)).AsTask();
        Time.Advance(Ms(100));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => owed)).Failure);

        await Assert.ThrowsAsync<CallFailedException>(() => Call<int>(server, Obedient.Do(_ => throw new FormatException())).AsTask());
        Assert.False(SynchronizationContext.Current is Cell);
    }

    [Fact]
    public Task A_process_that_calls_itself_is_told() => Run(async () =>
    {
        var server = await Start<Obedient>();
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Call<int>(server, Obedient.Do(state => Obedient.Replying(Get(Self).Result, state))).AsTask());
        Assert.Equal($"Process {server} calls itself and would wait forever. Call the function directly, or cast.", failed.Reason!.Exception!.Message);
    });

    [Fact]
    public Task A_callback_that_throws_ends_the_server_and_the_caller_is_itself_again() => Run(async () =>
    {
        var self = Self;
        Register("witness", self);
        var server = await Start<Obedient>();
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Call<int>(server, Obedient.Do(_ => throw new FormatException("bad"))).AsTask());

        Assert.Equal(self, Self);
        Assert.Equal(CallFailure.Ended, failed.Failure);
        Assert.IsType<FormatException>(failed.InnerException);
        Assert.Equal("terminated: FormatException: bad, 0", await Receive());
        await EndOf(server);
    });

    [Fact]
    public Task A_server_stops_with_a_reply_and_after_Terminate() => Run(async () =>
    {
        Register("witness", Self);
        var server = await Start<Obedient>();
        Assert.Equal("bye", await Call<string>(server, Obedient.Do(_ => Obedient.StoppingWith(ExitReason.Shutdown, "bye", 7))));
        Assert.Equal(ExitReason.Shutdown, await EndOf(server) is var reason && reason == ExitReason.NoProcess ? ExitReason.Shutdown : reason);
        Assert.Equal("terminated: shutdown, 7", await Receive());
        Assert.Empty(Logged);

        var other = await Start<Obedient>();
        var monitor = Monitor(other);
        Cast(other, Obedient.Do(state => Obedient.Stopping(ExitReason.Other("failed"), state)));
        Assert.Equal(ExitReason.Other("failed"), (await Receive<Down>(down => down.Ref == monitor)).Reason);
        Assert.Single(Logged);
    });

    [Fact]
    public Task Init_may_ignore_refuse_or_throw_and_leaves_the_name_free() => Run(async () =>
    {
        Assert.Equal(default, await Start<Obedient>("ignore", "name"));
        var refused = await Assert.ThrowsAsync<StartFailedException>(() => Start<Obedient>("refuse", "name").AsTask());
        Assert.Equal($"{typeof(Obedient).FullName} was not started: not today.", refused.Message);
        var thrown = await Assert.ThrowsAsync<StartFailedException>(() => StartLink<Obedient>(new FormatException("no"), "name").AsTask());
        Assert.Equal($"{typeof(Obedient).FullName} was not started: FormatException: no.", thrown.Message);

        var server = await Start<Obedient>(null, "name");
        var taken = await Assert.ThrowsAsync<StartFailedException>(() => Start<Obedient>(null, "name").AsTask());
        Assert.Equal(
            $"{typeof(Obedient).FullName} was not started: the name 'name' is taken by {server}. Use that one, or choose another name.", taken.Message);
        Assert.Equal((server, server), (taken.AlreadyStarted, taken.Reason?.AlreadyStarted));
        await Until(() => Node.ProcessCount == 2);
    });

    [Fact]
    public Task A_time_out_comes_when_nothing_else_does_and_any_message_puts_it_off() => Run(async () =>
    {
        var server = await Start<Obedient>("wait");
        Time.Advance(Ms(50));
        Assert.Equal(1_000, await Get(server));

        await Call<int>(server, Obedient.Do(state => Obedient.Replying(0, state).WithTimeout(Ms(50))));
        Time.Advance(Ms(49));
        await Get(server);
        Time.Advance(Ms(100));
        Assert.Equal(1_000, await Get(server));
    });

    [Fact]
    public Task A_message_that_no_one_handles_is_logged_and_a_call_or_cast_ends_the_server() => Run(async () =>
    {
        var server = await Start<Obedient>();
        Send(server, "stray");
        Assert.Equal(0, await Get(server));
        Assert.Contains($"Process {server} ({typeof(Obedient).FullName}) got an unexpected message: stray. Handle it in HandleInfo.", Logged);
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Call<int>(server, "unknown").AsTask());
        Assert.Equal($"{typeof(Obedient).FullName} does not understand the call unknown. Add it to HandleCall.", failed.InnerException!.Message);
    });

    [Fact]
    public Task A_reply_of_another_type_than_asked_for_says_so() => Run(async () =>
    {
        var server = await Start<Obedient>();
        var wrong = await Assert.ThrowsAsync<InvalidCastException>(async () => await Call<string>(server, "get"));
        Assert.Equal("The server replied with System.Int32, but the call expects System.String. Call with the type that the server replies with.", wrong.Message);
        Assert.Equal(0, Assert.IsType<int>(await Call<object>(server, "get")));
    });

    [Fact]
    public Task A_server_ends_with_the_process_that_started_it_linked() => Run(async () =>
    {
        var self = Self;
        var starter = Spawn(async () =>
        {
            Send(self, await StartLink<Obedient>());
            await Receive();
        });
        var server = (Pid)await Receive();
        Assert.Equal(ExitReason.Other("gone"), await EndOf(server, () => Exit(starter, ExitReason.Other("gone"))));
    });

    [Fact]
    public Task A_server_may_link_itself_to_another_in_Init() => Run(async () =>
    {
        var other = Spawn(async () => await Receive());
        var server = await Start<Obedient>(other);
        Assert.Equal(ExitReason.Other("both"), await EndOf(server, () => Exit(other, ExitReason.Other("both"))));
    });

    [Fact]
    public Task Thousands_of_calls_may_wait_at_once() => Run(async () =>
    {
        var server = await Start<Obedient>();
        await Sys.Suspend(server);
        var calls = Enumerable.Range(0, 50_000).Select(_ => Get(server).AsTask()).ToArray();
        await Sys.Resume(server);
        Assert.Equal(0, (await Task.WhenAll(calls)).Sum());
    });

    [Fact]
    public Task Calls_within_calls_go_as_deep_as_they_like() => Run(async () =>
    {
        var last = await Start<Obedient>();

        for (var i = 0; i < 200; i++)
        {
            last = await Start<Chained>(last);
        }

        Assert.Equal(200, await Call<int>(last, "depth", Timeout.InfiniteTimeSpan));
    });

    private sealed class Chained : GenServer<Pid>
    {
        protected override Started<Pid> Init(object? argument) => (Pid)argument!;

        protected override async ValueTask<Answer<Pid>> HandleCallAsync(object request, Pid next) =>
            Reply(1 + await (Equals(request, "depth") ? TryCall(next) : Get(next)), next);

        private static async ValueTask<int> TryCall(Pid next)
        {
            try
            {
                return await Call<int>(next, "depth");
            }
            catch (CallFailedException failed) when (failed.Failure == CallFailure.Ended)
            {
                return 0;
            }
        }
    }
}
