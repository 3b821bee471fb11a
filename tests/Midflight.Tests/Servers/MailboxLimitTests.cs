using Midflight.Tests.Processes;

namespace Midflight.Tests.Servers;

/// <summary>What waits for a server has an end, where the server says so.</summary>
public sealed class MailboxLimitTests : ProcessTest
{
    /// <summary>Counts casts and messages; waits in a call until it may go on.</summary>
    private abstract class Counter : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state)
        {
            if (request is Task gate)
            {
                await gate;
            }

            return Reply(state, state);
        }

        protected override Answer<int> HandleCast(object message, int state) => NoReply(state + 1);

        protected override Answer<int> HandleInfo(object message, int state) => NoReply(state + 1000);
    }

    private sealed class Shedding : Counter
    {
        protected override MailboxLimit? MailboxLimit => new(10);
    }

    private sealed class Warning : Counter
    {
        protected override MailboxLimit? MailboxLimit => new(10, MailboxOverflow.Warn);
    }

    private sealed class Ending : Counter
    {
        protected override MailboxLimit? MailboxLimit => new(10, MailboxOverflow.End);
    }

    private sealed class Broken : Counter
    {
        protected override MailboxLimit? MailboxLimit => new(-1);
    }

    private static async Task<(Pid Server, TaskCompletionSource Gate)> Held<TServer>()
        where TServer : Counter
    {
        var server = await GenServer.Start<TServer>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Process.Spawn(async () => await GenServer.Call<int>(server, gate.Task));
        await Until(() => server.Cell!.Busy);
        return (server, gate);
    }

    [Fact]
    public Task Casts_beyond_the_limit_are_dropped_and_messages_and_calls_are_not() => Run(async () =>
    {
        var (server, gate) = await Held<Shedding>();

        for (var i = 0; i < 100; i++)
        {
            GenServer.Cast(server, "cast");
        }

        Process.Send(server, "message");
        gate.SetResult();

        Assert.Equal(1010, await GenServer.Call<int>(server, "count"));
        Assert.Single(Logged, line => line.Contains("More than 10 messages wait for process", StringComparison.Ordinal));

        // There is room again.
        GenServer.Cast(server, "cast");
        Assert.Equal(1011, await GenServer.Call<int>(server, "count"));
    });

    [Fact]
    public Task A_server_that_only_warns_gets_them_all() => Run(async () =>
    {
        var (server, gate) = await Held<Warning>();

        for (var i = 0; i < 100; i++)
        {
            GenServer.Cast(server, "cast");
        }

        gate.SetResult();

        Assert.Equal(100, await GenServer.Call<int>(server, "count"));
        Assert.Single(Logged, line => line.Contains("They all stay in the mailbox", StringComparison.Ordinal));
    });

    [Fact]
    public Task A_server_that_is_to_end_ends() => Run(async () =>
    {
        var (server, _) = await Held<Ending>();

        Assert.Equal(ExitReason.Killed, await EndOf(server, () =>
        {
            for (var i = 0; i < 11; i++)
            {
                GenServer.Cast(server, "cast");
            }
        }));
    });

    [Fact]
    public Task A_limit_that_is_none_is_refused_and_one_that_throws_lets_the_start_fail() => Run(async () =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MailboxLimit(0));
        var failed = await Assert.ThrowsAsync<StartFailedException>(async () => await GenServer.Start<Broken>());
        Assert.Contains("1 or more", failed.ToString(), StringComparison.Ordinal);
    });

    [Fact]
    public Task Senders_on_all_processors_are_counted() => Run(async () =>
    {
        var (server, gate) = await Held<Shedding>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                GenServer.Cast(server, "cast");
            }
        })));
        gate.SetResult();

        Assert.InRange(await GenServer.Call<int>(server, "count"), 1, 10);
        GenServer.Cast(server, "cast");
        Assert.InRange(await GenServer.Call<int>(server, "count"), 2, 11);
    });
}
