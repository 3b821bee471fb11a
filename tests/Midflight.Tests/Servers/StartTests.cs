using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Servers;

/// <summary>Starts that are limited, found and watched, and stops that are waited for: as gen_server's and Elixir's own tests have them.</summary>
public sealed class StartTests : ProcessTest
{
    /// <summary>What a server is started with.</summary>
    internal sealed record Plan
    {
        internal Task Ready { get; init; } = Task.CompletedTask;

        internal Task Done { get; init; } = Task.CompletedTask;

        internal Action? Block { get; init; }
    }

    internal sealed class Planned : GenServer<Plan>
    {
        protected override async ValueTask<Started<Plan>> InitAsync(object? argument)
        {
            var plan = argument as Plan ?? new();
            TrapExits = true;
            plan.Block?.Invoke();
            await plan.Ready;
            return plan;
        }

        protected override Answer<Plan> HandleCall(object request, Plan state) => request switch
        {
            "never" => NoReply(state),
            "crash" => throw new FormatException("crashed"),
            _ => Reply(request, state),
        };

        protected override async ValueTask TerminateAsync(ExitReason reason, Plan state)
        {
            await state.Done;

            if (WhereIs("witness") is { } witness)
            {
                Send(witness, $"terminated: {reason}");
            }
        }
    }

    [Fact]
    public Task Stop_returns_when_terminate_has_run_and_the_process_and_its_name_are_gone() => Run(async () =>
    {
        Register("witness", Self);
        var word = new TaskCompletionSource();
        var server = await Start<Planned>(new Plan { Done = word.Task }, "planned");
        var stopping = Stop("planned").AsTask();
        await Until(() => server.Cell!.Busy);
        Assert.False(stopping.IsCompleted);
        word.SetResult();
        await stopping;
        Assert.Equal((false, null), (server.IsAlive, WhereIs("planned")));
        Assert.Equal("terminated: normal", await Receive());
        Assert.DoesNotContain(Logged, line => line.Contains("ended", StringComparison.Ordinal));
    });

    [Fact]
    public Task Stop_with_a_reason_ends_with_that_reason() => Run(async () =>
    {
        var server = await Start<Planned>();
        var monitor = Monitor(server);
        await Stop(server, ExitReason.Other("boom"));
        Assert.Equal(new Down(monitor, server, ExitReason.Other("boom")), await Receive());
        Assert.Contains(Logged, line => line.Contains($"Process {server} ended: boom", StringComparison.Ordinal));
        var suspended = await Start<Planned>();
        await Sys.Suspend(suspended);
        await Stop(suspended, ExitReason.Shutdown);
        Assert.False(suspended.IsAlive);
    });

    [Fact]
    public Task Stop_of_a_process_that_is_not_there_fails() => Run(async () =>
    {
        var server = await Start<Planned>();
        await Stop(server);
        Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(() => Stop(server).AsTask())).Failure);
        Assert.Equal(CallFailure.NoProcess, (await Assert.ThrowsAsync<CallFailedException>(() => Stop("nobody").AsTask())).Failure);
    });

    [Fact]
    public Task Stop_of_a_server_that_ends_for_another_reason_fails_with_that_one() => Run(async () =>
    {
        var word = new TaskCompletionSource();
        var server = await Start<Planned>(new Plan { Done = word.Task });
        var stopping = Stop(server).AsTask();
        await Until(() => server.Cell!.Busy);
        Exit(server, ExitReason.Kill);
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => stopping);
        Assert.Equal((CallFailure.Ended, ExitReason.Killed), (failed.Failure, failed.Reason));
    });

    [Fact]
    public Task Stop_that_takes_longer_than_it_may_times_out_and_the_server_ends_later() => Run(async () =>
    {
        var word = new TaskCompletionSource();
        var server = await Start<Planned>(new Plan { Done = word.Task });
        var stopping = Stop(server, timeout: Ms(10)).AsTask();
        await Task.Yield();
        Time.Advance(Ms(10));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => stopping)).Failure);
        word.SetResult();
        await EndOf(server);
        using var cancelling = new CancellationTokenSource();
        var other = await Start<Planned>(new Plan { Done = new TaskCompletionSource().Task });
        var cancelled = Stop(other, cancellation: cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    });

    [Fact]
    public Task Stop_from_outside_of_processes_and_of_oneself() => Run(async () =>
    {
        var server = await Start<Planned>();
        await Task.Run(() => Stop(server).AsTask());
        Assert.False(server.IsAlive);
    });

    [Fact]
    public Task A_process_lets_go_of_what_it_owns_before_links_and_monitors_hear_of_its_end() => Run(async () =>
    {
        for (var i = 0; i < 100; i++)
        {
            var owner = Spawn(async () =>
            {
                _ = new Table<string, int>(name: "owned");
                Register("owner", Self);
                await Receive();
            });
            await Until(() => WhereIs("owner") is not null);
            Assert.Equal(ExitReason.Normal, await EndOf(owner, () => Send(owner, "go")));
            Assert.Null(Table<string, int>.Find("owned"));
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Start_that_takes_longer_than_it_may_leaves_neither_process_nor_name(bool linked) => Run(async () =>
    {
        await Registry.StartLink("keys");
        var before = Node.ProcessCount;
        var via = new Via("keys", 1);

        var options = new StartOptions { Name = "slow", Via = via, Timeout = Ms(10) };
        var plan = new Plan { Ready = new TaskCompletionSource().Task };
        var starting = (linked ? StartLink<Planned>(plan, options) : Start<Planned>(plan, options)).AsTask();
        Assert.NotNull(WhereIs("slow"));
        await Until(() => Time.HasAlarms);
        Time.Advance(Ms(10));
        var failed = await Assert.ThrowsAsync<StartFailedException>(() => starting);
        Assert.Equal(ExitReason.TimedOut, failed.Reason);
        Assert.Equal((null, null, before), (WhereIs("slow"), Registry.WhereIs("keys", 1), Node.ProcessCount));
        Assert.Null(await Receive(TimeSpan.Zero));
        Assert.True((await Start<Planned>(null, new StartOptions { Name = "slow", Via = via, Timeout = Ms(10) })).IsAlive);
    });

    [Fact]
    public Task Start_whose_init_blocks_its_thread_frees_the_name_when_its_time_is_over() => Run(async () =>
    {
        using var word = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        var starting = Start<Planned>(
            new Plan
            {
                Block = () =>
                {
                    blocked.Set();
                    word.Wait();
                },
            },
            new StartOptions { Name = "blocked", Timeout = Ms(10) }).AsTask();
        await Until(() => blocked.IsSet && Time.HasAlarms);
        var half = WhereIs("blocked")!.Value;
        Time.Advance(Ms(10));
        await Assert.ThrowsAsync<StartFailedException>(() => starting);
        Assert.Null(WhereIs("blocked"));
        word.Set();
        await EndOf(half);
    });

    [Fact]
    public Task Start_that_is_cancelled_leaves_neither_process_nor_name() => Run(async () =>
    {
        using var cancelling = new CancellationTokenSource();
        var options = new StartOptions { Name = "slow", Cancellation = cancelling.Token };
        var before = Node.ProcessCount;
        var starting = Start<Planned>(new Plan { Ready = new TaskCompletionSource().Task }, options).AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Equal((null, before), (WhereIs("slow"), Node.ProcessCount));
        Assert.Throws<OperationCanceledException>(() => { _ = Start<Planned>(null, options); });
    });

    [Fact]
    public Task Start_with_time_enough_is_a_start_like_any_other() => Run(async () =>
    {
        TrapExits = true;
        var server = await StartLink<Planned>(null, new StartOptions { Name = "planned", Timeout = TimeSpan.FromSeconds(1), Label = "lobby" });
        Assert.Equal("hello", await Call<string>("planned", "hello"));
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(server.IsAlive);
        Assert.Equal("lobby", (await Info(server))!.Label);
        Assert.Equal("no", (await Assert.ThrowsAsync<StartFailedException>(() => StartLink<Planned>(
            new Plan { Block = () => throw new FormatException("no") }, new StartOptions { Timeout = TimeSpan.FromSeconds(1) }).AsTask())).InnerException!.Message);
        Assert.Null(await Receive(TimeSpan.Zero));
        Exit(server, ExitReason.Kill);
        Assert.Equal(server, (await Receive<Exited>()).Pid);
    });

    [Fact]
    public Task Start_of_a_process_function_that_takes_longer_than_it_may_leaves_nothing() => Run(async () =>
    {
        static async ProcessTask<Next> Never()
        {
            await Receive();
            return Next.End;
        }

        var before = Node.ProcessCount;
        var starting = Process.StartLink(Never, Ms(10)).AsTask();
        await Until(() => Time.HasAlarms);
        Time.Advance(Ms(10));
        Assert.Equal(ExitReason.TimedOut, (await Assert.ThrowsAsync<StartFailedException>(() => starting)).Reason);
        Assert.Equal(before, Node.ProcessCount);
    });

    [Fact]
    public Task Start_or_find_gives_the_process_that_has_the_name_or_starts_it() => Run(async () =>
    {
        await Registry.StartLink("keys");
        var first = await StartOrFind<Planned>(null, "one");
        Assert.Equal(first, await StartOrFind<Planned>(null, "one"));
        var linked = await StartLinkOrFind<Planned>(null, new Via("keys", "one"));
        Assert.Equal(linked, await StartOrFind<Planned>(null, new Via("keys", "one")));
        Assert.Equal(linked, await StartLinkOrFind<Planned>(null, new Via("keys", "one")));
        Assert.Equal(first, await StartLinkOrFind<Planned>(null, "one"));
        await Stop(first);
        Assert.NotEqual(first, await StartOrFind<Planned>(null, "one"));
    });

    [Fact]
    [Trait("Category", "Stress")]
    public Task Start_or_find_by_many_at_once_gives_one_process() => Run(async () =>
    {
        for (var i = 0; i < 200; i++)
        {
            var jobs = Enumerable.Range(0, 4).Select(_ => Job.Async(async () => await StartOrFind<Planned>(null, "one"))).ToArray();
            var pid = Assert.Single((await Job.AwaitMany(jobs)).Distinct());
            await Stop(pid);
        }
    });

    [Fact]
    public Task Debug_options_at_the_start_see_the_first_message() => Run(async () =>
    {
        var seen = new List<string>();
        var server = await Start<Planned>(
            null,
            new StartOptions
            {
                Trace = true,
                Log = 3,
                Statistics = true,
                Install = new Dictionary<string, Func<DebugEvent, bool>>
                {
                    ["seeing"] = happened =>
                    {
                        seen.Add(happened.ToString());
                        return true;
                    },
                },
            });
        await Call<string>(server, "first");
        Assert.Equal($"got call first from {Self}", seen[0]);
        Assert.Equal($"got call first from {Self}", (await Sys.GetLog(server))[0]);
        Assert.Equal((1, 1), ((await Sys.GetStatistics(server))!.MessagesIn, (await Sys.GetStatistics(server))!.MessagesOut));
        Assert.Contains(Logged, line => line.StartsWith("*DBG*", StringComparison.Ordinal));
    });

    [Fact]
    public Task A_call_that_is_cancelled_ends_its_wait_and_no_other() => Run(async () =>
    {
        using var cancelling = new CancellationTokenSource();
        var server = await Start<Planned>();
        var waiting = Call<string>(server, "never", Timeout.InfiniteTimeSpan, cancelling.Token).AsTask();
        var outside = Task.Run(() => Call<string>(server, "never", Timeout.InfiniteTimeSpan, cancelling.Token).AsTask());
        Assert.Equal("other", await Call<string>(server, "other", null, cancelling.Token));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => outside);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Call<string>(server, "other", null, cancelling.Token).AsTask());
        Assert.Equal("other", await Call<string>(server, "other"));
    });

    private sealed class Late : GenServer<int>
    {
        protected override Answer<int> HandleCall(object request, int state) => Reply(state, state + 1);

        protected override Answer<int> HandleInfo(object message, int state) => message is IdleTimeout ? NoReply(state + 1_000) : base.HandleInfo(message, state);

        protected override ValueTask<Answer<int>> HandleContinueAsync(object with, int state) => new(NoReply(state + (int)with));
    }

    [Fact]
    public Task A_process_enters_the_loop_of_a_server_with_its_pid_links_names_and_messages() => Run(async () =>
    {
        TrapExits = true;
        var pid = await Process.StartLink(async () =>
        {
            Register("late", Self);
            InitAck();
            var first = await Receive<int>();
            return EnterLoop<Late, int>(first, continueWith: 100);
        });
        var early = Call<int>("late", "early").AsTask();
        Assert.Equal(CallFailure.NotServed, (await Assert.ThrowsAsync<CallFailedException>(() => early)).Failure);
        Send(pid, 5);
        await Until(() => pid.Cell!.Body is ServerBody);
        Assert.Equal(105, await Call<int>("late", "get"));
        Assert.Equal(106, await Call<int>(pid, "get"));
        Assert.Equal(107, await Sys.GetState(pid));
        Assert.Equal(Self, (await Sys.GetStatus(pid)).Parent);
        await Stop(pid, ExitReason.Shutdown);
        Assert.Equal(new Exited(pid, ExitReason.Shutdown), await Receive());
    });

    [Fact]
    public Task A_server_whose_loop_was_entered_with_a_time_is_told_when_it_has_passed() => Run(async () =>
    {
        var pid = Spawn(() => new ProcessTask<Next>(EnterLoop<Late, int>(0, Ms(10))));
        await Until(() => Time.HasAlarms);
        Time.Advance(Ms(10));
        Assert.Equal(1_000, await Call<int>(pid, "get"));
    });
}
