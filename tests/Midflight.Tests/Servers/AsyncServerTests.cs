using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Servers;

/// <summary>Servers whose callbacks await.</summary>
public sealed class AsyncServerTests : ProcessTest
{
    private sealed class Gate
    {
        internal TaskCompletionSource<int> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<int> Enter()
        {
            Entered.TrySetResult();
            return Opened.Task;
        }
    }

    private sealed class Patient : GenServer<int>
    {
        protected override async ValueTask<Started<int>> InitAsync(object? argument) => argument switch
        {
            Gate gate => await gate.Enter(),
            _ => 0,
        };

        protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state) => request switch
        {
            Gate gate => Reply(state, await gate.Enter()),
            Task<int> task => Reply(await task.ConfigureAwait(false), state + 1),
            _ => Reply(state, state),
        };

        protected override async ValueTask<Answer<int>> HandleCastAsync(object message, int state) => NoReply(state + await ((Gate)message).Enter());

        protected override async ValueTask TerminateAsync(ExitReason reason, int state)
        {
            if (WhereIs("gate keeper") is { } keeper)
            {
                await Call<int>(keeper, "may I");
            }
        }
    }

    [Fact]
    public Task While_a_callback_awaits_messages_wait_and_nothing_is_lost() => Run(async () =>
    {
        var server = await Start<Patient>();
        var gates = Enumerable.Range(0, 10).Select(_ => new Gate()).ToArray();

        foreach (var gate in gates)
        {
            Cast(server, gate);
        }

        var call = Call<int>(server, "get").AsTask();

        foreach (var gate in gates)
        {
            await gate.Entered.Task;
            Assert.False(call.IsCompleted);
            gate.Opened.SetResult(1);
        }

        Assert.Equal(10, await call);
    });

    [Fact]
    public Task A_server_is_killed_while_its_callback_awaits_and_the_caller_learns_it() => Run(async () =>
    {
        var server = await Start<Patient>();
        var gate = new Gate();
        var call = Call<int>(server, gate).AsTask();
        await gate.Entered.Task;
        Exit(server, ExitReason.Kill);
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => call);
        Assert.Equal((CallFailure.Ended, ExitReason.Killed), (failed.Failure, failed.Reason));
        gate.Opened.SetResult(1);
        Assert.Equal(ExitReason.NoProcess, await EndOf(server));
    });

    [Fact]
    public Task An_exception_after_an_await_ends_the_server() => Run(async () =>
    {
        var server = await Start<Patient>();
        var gate = new Gate();
        Cast(server, gate);
        var monitor = Monitor(server);
        gate.Opened.SetException(new FormatException("late"));
        Assert.Equal("FormatException: late", (await Receive<Down>(down => down.Ref == monitor)).Reason.ToString());
        Assert.Contains("last message: Midflight.Tests", Assert.Single(Logged));
    });

    [Fact]
    public Task A_callback_that_completes_on_another_thread_is_answered_every_time() => Run(async () =>
    {
        var server = await Start<Patient>();

        for (var i = 0; i < 4_000; i++)
        {
            var source = new TaskCompletionSource<int>();
            ThreadPool.UnsafeQueueUserWorkItem(static source => source.SetResult(5), source, preferLocal: false);
            Assert.Equal(5, await Call<int>(server, source.Task, Timeout.InfiniteTimeSpan));
        }

        Assert.Equal(4_000, await Call<int>(server, "get"));
    });

    [Fact]
    public Task An_Init_that_awaits_is_waited_for() => Run(async () =>
    {
        var gate = new Gate();
        var starting = Start<Patient>(gate, "patient").AsTask();
        await gate.Entered.Task;
        Assert.False(starting.IsCompleted);
        var call = Call<int>("patient", "get").AsTask();
        gate.Opened.SetResult(3);
        var server = await starting;
        Assert.Equal(3, await call);
        Assert.Equal(WhereIs("patient"), server);
    });

    [Fact]
    public Task An_Init_that_awaits_and_fails_or_is_killed_fails_the_start() => Run(async () =>
    {
        var gate = new Gate();
        var failing = StartLink<Patient>(gate).AsTask();
        gate.Opened.SetException(new FormatException("no"));
        await Assert.ThrowsAsync<StartFailedException>(() => failing);

        var never = new Gate();
        var killed = Start<Patient>(never, "patient").AsTask();
        await never.Entered.Task;
        Exit(WhereIs("patient")!.Value, ExitReason.Kill);
        await Assert.ThrowsAsync<StartFailedException>(() => killed);
        Assert.Null(WhereIs("patient"));
    });

    [Fact]
    public Task A_Terminate_that_awaits_is_waited_for_but_not_against_a_kill() => Run(async () =>
    {
        Register("gate keeper", Self);
        var server = await Start<Patient>();
        var monitor = Monitor(server);
        await Sys.Terminate(server, ExitReason.Shutdown);
        Assert.True(server.IsAlive);
        Exit(server, ExitReason.Kill);
        Assert.Equal(ExitReason.Killed, (await Receive<Down>(down => down.Ref == monitor)).Reason);
    });
}
