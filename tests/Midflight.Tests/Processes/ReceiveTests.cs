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
        Assert.Equal($"Process {Self} already waits in a receive; await that one first.", refused.Message);
        Send(Self, 1);
        Assert.Equal(1, await first);
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

    private static ValueTask<Next> Leaving(Pid to)
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

    private static ValueTask<Next> Looking(Pid to)
    {
        _ = Receive(TimeSpan.Zero);
        return new(Next.Local(Telling, to));
    }

    private static async ValueTask<Next> Telling(Pid to)
    {
        var waits = Receive();
        Send(to, "waits");
        Send(to, await waits ?? "nothing");
        return Next.End;
    }

    private static async ValueTask<Next> Forwarding(Pid to)
    {
        Send(to, await Receive());
        return Next.End;
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
