using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.SystemMessages;

/// <summary>What OTP's debug options were seen to do.</summary>
public sealed class SysDebugTests : ProcessTest
{
    private sealed class Gs : GenServer<object>
    {
        protected override Started<object> Init(object? argument) => "s";

        protected override Answer<object> HandleCall(object request, object state) => request switch
        {
            "defer" => NoReply(From),
            "stop" => Stop(ExitReason.Normal, "bye", state),
            ("set", { } value) => Reply(1, value),
            _ => Reply(state, state),
        };

        protected override Answer<object> HandleCast(object message, object state)
        {
            if (message is Pid to)
            {
                Send(to, "sent by the callback");
            }

            return NoReply(state);
        }

        protected override Answer<object> HandleInfo(object message, object state) => NoReply(state);

        protected override object? FormatStatus(object state) => state is "broken" ? throw new FormatException("no status") : state;
    }

    private sealed class Slow : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state)
        {
            await ((Task)request).ConfigureAwait(true);
            return Reply("done", state + 1);
        }
    }

    private static ValueTask<Pid> Begin() => Start<Gs>(name: "gs");

    [Fact]
    [Scenario(38, "statistics")]
    public Task Statistics_count_what_comes_in_and_what_is_answered() => Run(async () =>
    {
        var server = await Begin();
        Assert.Null(await Sys.GetStatistics(server));
        await Sys.Statistics(server, on: true);
        var since = Time.GetUtcNow();
        await Call<object>(server, "get");
        await Call<int>(server, ("set", (object)"new"));
        Send(server, "message");
        Cast(server, Self);
        Time.Advance(Ms(50));
        Assert.Equal(new ProcessStatistics(since, since + Ms(50), 4, 2), await Sys.GetStatistics(server));

        await Sys.Statistics(server, on: true);
        Assert.Equal((4, 2), await Counted());
        await Sys.Statistics(server, on: false);
        Assert.Null(await Sys.GetStatistics(server));

        async Task<(long, long)> Counted() => await Sys.GetStatistics(server) is { } now ? (now.MessagesIn, now.MessagesOut) : default;
    });

    [Fact]
    [Scenario(39, "Trace output")]
    public Task Trace_writes_a_line_for_each_event_and_none_for_system_messages() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Trace(server, on: true);
        await Call<object>(server, "get");
        Cast(server, "x");
        Send(server, ("hello", 1));
        await Sys.GetState(server);
        await Call<int>(server, ("set", (object)"new"));
        await Call<string>(server, "stop");
        await EndOf(server);
        Assert.Equal(
            [
                $"*DBG* gs got call get from {Self}", $"*DBG* gs sent s to {Self}, new state s",
                "*DBG* gs got cast x", "*DBG* gs new state s",
                "*DBG* gs got (hello, 1)", "*DBG* gs new state s",
                $"*DBG* gs got call (set, new) from {Self}", $"*DBG* gs sent 1 to {Self}, new state new",
                $"*DBG* gs got call stop from {Self}", $"*DBG* gs sent bye to {Self}, new state new",
            ],
            Logged);
    });

    [Fact]
    [Scenario(40, "Event log")]
    public Task The_log_keeps_the_last_events_and_one_that_is_on_is_not_replaced() => Run(async () =>
    {
        var server = await Begin();
        Assert.Empty(await Sys.GetLog(server));
        await Sys.Log(server, on: true);
        Send(server, "m1");
        Send(server, "m2");
        Assert.Equal(["got m1", "new state s", "got m2", "new state s"], await Sys.GetLog(server));
        await Sys.Log(server, on: true, length: 2);
        Send(server, "m3");
        Assert.Equal(6, (await Sys.GetLog(server)).Count);

        for (var i = 0; i < 7; i++)
        {
            Send(server, $"n{i}");
        }

        Assert.Equal(
            [.. Enumerable.Range(2, 5).SelectMany(i => new[] { $"got n{i}", "new state s" })],
            await Sys.GetLog(server));
        Assert.Equal(await Sys.GetLog(server), (await Sys.GetStatus(server)).LoggedEvents);
        Assert.Empty(Logged);
        await Sys.PrintLog(server);
        Assert.Equal((10, "*DBG* gs got n2"), (Logged.Count(), Logged.First()));

        await Sys.Log(server, on: false);
        await Sys.Log(server, on: true);
        await Call<object>(server, "version");
        Assert.Equal([$"got call version from {Self}", $"sent s to {Self}, new state s"], await Sys.GetLog(server));
        await Sys.Log(server, on: false);
        Assert.Empty(await Sys.GetLog(server));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Sys.Log(server, on: true, length: 0).AsTask());
    });

    [Fact]
    [Scenario(41, "Installed debug functions")]
    public Task An_installed_function_is_dropped_when_it_has_seen_enough_or_throws() => Run(async () =>
    {
        var server = await Begin();
        var seen = new List<string>();
        await Sys.Install(server, "count", happened =>
        {
            seen.Add(happened.ToString());
            return seen.Count < 3;
        });
        await Sys.Install(server, "count", _ => throw new FormatException("the second of that id is not installed"));
        Assert.Equal(["function count"], (await Sys.GetStatus(server)).Debug);
        Send(server, "a");
        Send(server, "b");
        Assert.Empty((await Sys.GetStatus(server)).Debug);
        Assert.Equal(["got a", "new state s", "got b"], seen);

        await Sys.Install(server, "broken", _ => throw new FormatException());
        Assert.Equal("s", await Call<object>(server, "get"));
        Assert.Empty((await Sys.GetStatus(server)).Debug);

        await Sys.Install(server, "other", _ => true);
        await Sys.Remove(server, "other");
        await Sys.Remove(server, "other");
        Assert.Empty((await Sys.GetStatus(server)).Debug);
    });

    [Fact]
    [Scenario(42, "no_debug and unknown debug requests")]
    public Task NoDebug_switches_everything_off() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Trace(server, on: true);
        await Sys.Log(server, on: true);
        await Sys.Statistics(server, on: true);
        Assert.Equal(["statistics", "log", "trace"], (await Sys.GetStatus(server)).Debug);
        await Sys.NoDebug(server);
        Assert.Empty((await Sys.GetStatus(server)).Debug);
        await Call<object>(server, "get");
        Assert.Empty(Logged);
    });

    [Fact]
    public Task A_reply_that_comes_later_is_no_reply_of_the_callback() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Log(server, on: true);
        var call = Call<string>(server, "defer");
        var from = (From)(await Sys.GetState(server))!;
        Reply(from, "later");
        Assert.Equal("later", await call);
        Assert.Equal([$"got call defer from {Self}", "new state Midflight.From"], await Sys.GetLog(server));
    });

    [Fact]
    public Task An_asynchronous_callback_is_settled_when_it_ends() => Run(async () =>
    {
        var server = await Start<Slow>();
        await Sys.Log(server, on: true);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = Call<string>(server, gate.Task);
        var second = Call<string>(server, Task.CompletedTask);
        gate.SetResult();
        await first;
        await second;
        var log = await Sys.GetLog(server);
        Assert.Equal([$"sent done to {Self}, new state 1", $"sent done to {Self}, new state 2"], [log[1], log[3]]);
    });

    [Fact]
    public Task A_FormatStatus_that_throws_does_not_disturb_the_server() => Run(async () =>
    {
        var server = await Begin();
        await Sys.ReplaceState(server, _ => "broken");
        await Sys.Log(server, on: true);
        Send(server, "m");
        Assert.Equal(["got m", "new state (FormatStatus throws FormatException: no status)"], await Sys.GetLog(server));
    });

    [Fact]
    public Task A_server_that_nobody_watches_any_more_is_called_in_place_again() => Run(async () =>
    {
        var server = await Begin();
        await Sys.Log(server, on: true);
        Assert.False(Call<object>(server, "get").IsCompleted);
        await Sys.NoDebug(server);
        Assert.True(Call<object>(server, "get").IsCompleted);
    });

    // ServerBody.Watch: while somebody watches, calls must not run in place, or they are not seen.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Each_call_is_answered_and_each_is_seen_while_it_is_switched_on_and_off() => Run(async () =>
    {
        const int Each = 5_000;
        var (server, other) = (await Begin(), await Start<Gs>());
        var (seen, answered) = (0, 0);
        await Sys.Install(server, "count", happened =>
        {
            _ = happened is DebugEvent.Called ? seen++ : happened is DebugEvent.Replied ? answered++ : 0;
            return true;
        });
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await Call<object>(server, "get", Timeout.InfiniteTimeSpan);
                await Call<object>(other, "get", Timeout.InfiniteTimeSpan);
            }
        })).ToArray();

        while (!callers.All(caller => caller.IsCompleted))
        {
            await Sys.Log(other, on: true, timeout: Timeout.InfiniteTimeSpan);
            await Sys.Log(other, on: false, timeout: Timeout.InfiniteTimeSpan);
        }

        await Task.WhenAll(callers);
        await Sys.NoDebug(server, Timeout.InfiniteTimeSpan);
        Assert.Equal((4 * Each, 4 * Each), (seen, answered));
    });

    [Fact]
    public Task A_plain_process_is_traced_logged_and_counted_as_it_receives() => Run(async () =>
    {
        var plain = Spawn(async () =>
        {
            while (await Receive() is not "end")
            {
            }
        });
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await Sys.Trace(plain, on: true);
        await Sys.Log(plain, on: true, length: 2);
        await Sys.Statistics(plain, on: true);
        await Sys.Install(plain, "seen", happened =>
        {
            seen.Enqueue(happened.ToString());
            return true;
        });

        for (var message = 1; message <= 3; message++)
        {
            Send(plain, message);
        }

        await Until(() => seen.Count == 3);
        Assert.Equal(["got 2", "got 3"], await Sys.GetLog(plain));
        Assert.Equal(3, (await Sys.GetStatistics(plain))!.MessagesIn);
        Assert.Contains($"*DBG* {plain} got 1", Logged);
        await Sys.NoDebug(plain);
        Send(plain, 4);
        Send(plain, "end");
        await EndOf(plain);
        Assert.Equal(3, seen.Count);
        Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(() => Sys.Trace(plain, on: true).AsTask())).Failure);
    });
}
