using static Midflight.Process;

namespace Midflight.Tests.Processes;

public sealed class ReceiveTests : ProcessTest
{
    [Fact]
    public Task Messages_of_one_sender_come_in_the_order_sent() => Run(async () =>
    {
        var self = Self;
        Spawn(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                Send(self, i);
            }

            return Task.CompletedTask;
        });

        for (var i = 0; i < 2_000; i++)
        {
            Assert.Equal(i, await Receive());
        }
    });

    [Fact]
    public Task A_selective_receive_takes_what_fits_and_leaves_the_rest_in_order() => Run(async () =>
    {
        foreach (var message in new object[] { 1, "a", 2, "b", 3 })
        {
            Send(Self, message);
        }

        Assert.Equal("a", await Receive<string>());
        Assert.Equal(3, await Receive(message => message is 3));
        Assert.Equal([1, 2, "b"], [await Receive(), await Receive(), await Receive()]);
    });

    [Fact]
    public Task A_selective_receive_that_waits_takes_the_first_that_comes_and_fits() => Run(async () =>
    {
        var self = Self;
        var asked = new List<object>();
        Send(Self, "earlier");
        Spawn(() =>
        {
            Send(self, "x");
            Send(self, 1);
            Send(self, 2);
            return Task.CompletedTask;
        });

        Assert.Equal(1, await Receive(message =>
        {
            asked.Add(message);
            return message is int;
        }));
        Assert.Equal(["earlier", "x", 2], [await Receive(), await Receive(), await Receive()]);
        Assert.Single(asked, "earlier");
    });

    [Fact]
    public Task A_receive_ends_with_null_when_its_time_runs_out() => Run(async () =>
    {
        var waits = Receive(Ms(100));
        Time.Advance(Ms(99));
        Assert.False(waits.IsCompleted);
        Time.Advance(Ms(1));
        Assert.Null(await waits);
        Assert.Null(await Receive<string>(TimeSpan.Zero));
    });

    [Fact]
    public Task A_message_that_comes_in_time_is_taken_and_the_time_out_forgotten() => Run(async () =>
    {
        var waits = Receive(Ms(100));
        Send(Self, "in time");
        Assert.Equal("in time", await waits);
        var next = Receive(Ms(1_000));
        Time.Advance(Ms(100));
        Send(Self, "next");
        Assert.Equal("next", await next);
    });

    [Fact]
    public Task A_receive_without_time_takes_what_was_sent_before() => Run(async () =>
    {
        Assert.Null(await Receive(TimeSpan.Zero));
        Send(Self, 1);
        Assert.Equal(1, await Receive(TimeSpan.Zero));
        Assert.Null(await Receive(TimeSpan.Zero));
        Assert.False(Time.HasAlarms);
    });

    [Fact]
    public Task What_a_predicate_throws_is_thrown_where_the_function_awaits() => Run(async () =>
    {
        var waits = Receive(message => message is 2 ? throw new FormatException("not a two") : false);
        Send(Self, 1);
        Send(Self, 2);

        Assert.Equal("not a two", (await Assert.ThrowsAsync<FormatException>(async () => await waits)).Message);
        Assert.Equal([1, 2], [await Receive(), await Receive()]);
    });

    [Fact]
    public Task Two_receives_at_once_are_refused() => Run(async () =>
    {
        var first = Receive();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Receive());
        Assert.Equal($"Process {Self} is already waiting in a receive; await that one first.", refused.Message);
        Send(Self, 1);
        Assert.Equal(1, await first);
    });

    [Fact]
    public Task A_receive_is_awaited_once() => Run(async () =>
    {
        var waits = Receive();
        Send(Self, 1);
        Assert.Equal(1, await waits);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await waits);
        Assert.Equal("Await a receive once, and read its result only when it is done. Keep the result, or start another receive.", refused.Message);
    });

    [Fact]
    public Task A_typed_receive_yields_numbers_and_its_time_out_null() => Run(async () =>
    {
        Send(Self, "other");
        Send(Self, 7);
        Assert.Equal(8, await Receive<int>() + 1);
        Assert.Null(await Receive<Version>(TimeSpan.Zero));
        Assert.Equal("other", await Receive<string>(TimeSpan.Zero));
    });

    [Fact]
    public Task What_a_function_put_in_an_async_local_is_there_after_a_receive() => Run(async () =>
    {
        var local = new AsyncLocal<int> { Value = 1 };
        var waits = Receive();
        Send(Self, "message");
        Assert.Equal("message", await waits);
        Assert.Equal(1, local.Value);
    });

    [Fact]
    public Task Who_hands_a_receive_its_continuation_finds_the_async_locals_of_that_moment() => Run(async () =>
    {
        var local = new AsyncLocal<int> { Value = 1 };
        var seen = new TaskCompletionSource<(int, object)>();
        var waits = Receive();
        waits.OnCompleted(() => seen.SetResult((local.Value, waits.GetResult())));
        local.Value = 2;
        Send(Self, "message");
        Assert.Equal((1, "message"), await seen.Task);
        Assert.Equal(2, local.Value);
    });

    [Fact]
    public Task A_receive_may_wait_while_the_function_awaits_something_else() => Run(async () =>
    {
        var waits = Receive(Ms(50)).AsTask();
        var other = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(Self, "message");
        ThreadPool.QueueUserWorkItem(_ => other.SetResult(1));

        Assert.Equal(1, await other.Task);
        Assert.Equal("message", await waits);
    });

    [Fact]
    public Task A_receive_that_a_function_leaves_behind_is_none_of_the_next_function() => Run(async () =>
    {
        var process = Spawn(Leaving, Self);
        Send(process, "first");
        Assert.Equal("first", await Receive());
    });

    private static ProcessTask<Next> Leaving(Pid to)
    {
        _ = Receive(message => message is null);
        return new(Next.Local(Forwarding, to));
    }

    [Fact]
    public Task A_look_into_the_mailbox_that_a_function_leaves_behind_ends_no_later_receive() => Run(async () =>
    {
        var process = Spawn(Looking, Self);
        Assert.Equal("waits", await Receive());
        Send(process, "message");
        Assert.Equal("message", await Receive());
    });

    private static ProcessTask<Next> Looking(Pid to)
    {
        _ = Receive(TimeSpan.Zero);
        return new(Next.Local(Telling, to));
    }

    private static async ProcessTask<Next> Telling(Pid to)
    {
        var waits = Receive();
        Send(to, "waits");
        Send(to, await waits ?? "nothing");
        return Next.End;
    }

    private static async ProcessTask<Next> Forwarding(Pid to)
    {
        Send(to, await Receive());
        return Next.End;
    }

    [Fact]
    public Task A_receive_that_is_awaited_after_its_function_has_ended_takes_no_message_of_the_next_one() => Run(async () =>
    {
        var (orphan, next) = (new TaskCompletionSource(), new TaskCompletionSource());
        var process = Spawn(Orphaning, (Self, orphan.Task, next.Task));
        Assert.Equal("next", await Receive());
        orphan.SetResult();
        Assert.Equal("orphan", await Receive());
        await Until(() => process.Cell!.Rests);
        Send(process, "message");
        await Until(() => process.Cell!.Rests);
        next.SetResult();
        Assert.Equal("message", await Receive());
    });

    private static ProcessTask<Next> Orphaning((Pid To, Task Orphan, Task Next) test)
    {
        _ = Orphan(Receive());
        return new(Next.Local(AfterOrphan, test));

        async Task Orphan(ReceiveAwaitable<object> received)
        {
            await test.Orphan;
            Send(test.To, "orphan");
            Send(test.To, $"orphan: {await received}");
        }
    }

    private static async ProcessTask<Next> AfterOrphan((Pid To, Task Orphan, Task Next) test)
    {
        Send(test.To, "next");
        await test.Next;
        Send(test.To, await Receive());
        return Next.End;
    }

    [Fact]
    public async Task A_time_out_that_comes_while_another_receive_only_looks_ends_no_later_one()
    {
        var time = new SteppedTime();
        await using var node = new Node(time: time);
        await node.Run(async () =>
        {
            // Its timer is left.
            Send(Self, "early");
            Assert.Equal("early", await Receive(Ms(5)));
            time.Advance(Ms(5));
            Assert.Null(await Receive(TimeSpan.Zero));

            var self = Self;
            ThreadPool.QueueUserWorkItem(_ => Send(self, "late"));
            Assert.Equal("late", await Receive());
        });
    }

    [Fact]
    public Task What_comes_on_top_of_a_single_message_is_handled_after_it() => Run(async () =>
    {
        var diary = await GenServer.Start<Diary>();

        for (var i = 0; i < 1_000; i++)
        {
            Send(diary, "message");
            GenServer.Cast(diary, "cast");
            Send(diary, "message");
            Assert.Equal("message cast message", await GenServer.Call<string>(diary, "read"));
        }

        var end = await EndOf(diary, () =>
        {
            Send(diary, "message");
            Exit(diary, ExitReason.Kill);
        });
        Assert.Equal(ExitReason.Killed, end);
    });

    private sealed class Diary : GenServer<string>
    {
        protected override Started<string> Init(object? argument) => "";

        protected override Answer<string> HandleCall(object request, string state) => Reply(state.Trim(), "");

        protected override Answer<string> HandleCast(object message, string state) => NoReply($"{state} {message}");

        protected override Answer<string> HandleInfo(object message, string state) => NoReply($"{state} {message}");
    }

    [Fact]
    public Task A_behaviour_cannot_receive() => Run(() =>
    {
        var failed = Assert.ThrowsAsync<StartFailedException>(async () => await GenServer.Start<Receiver>());
        return failed;
    });

    private sealed class Receiver : GenServer<int>
    {
        protected override async ValueTask<Started<int>> InitAsync(object? argument)
        {
            await Receive();
            return 0;
        }
    }

    [Fact]
    public async Task Receiving_outside_of_a_process_says_where_it_can_be_done()
    {
        var outside = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Receive());
        Assert.Contains("This is not a process. Call it from a process function", outside.Message);
    }

    [Fact]
    public Task Many_calls_to_a_plain_process_fail_and_are_not_in_the_way() => Run(async () =>
    {
        var process = Spawn(Forwarding, Self);
        var calls = Enumerable.Range(0, 20_000).Select(_ => GenServer.Call<int>(process, "request").AsTask()).ToList();
        Send(process, "message");

        Assert.Equal("message", await Receive());

        foreach (var call in calls)
        {
            var failed = await Assert.ThrowsAsync<CallFailedException>(() => call);
            Assert.Equal(CallFailure.NotServed, failed.Failure);
        }
    });
}
