using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Jobs;

public sealed class JobTests : ProcessTest
{
    private static Func<Task<int>> Waiting(out TaskCompletionSource<int> word)
    {
        var given = new TaskCompletionSource<int>();
        word = given;
        return () => given.Task;
    }

    [Fact]
    public Task Jobs_run_side_by_side_and_are_awaited_for_their_results() => Run(async () =>
    {
        var first = Job.Async(Waiting(out var word));
        var second = Job.Async(number => Task.FromResult($"{number}"), 5);
        Assert.Equal("5", await second.Await());
        Assert.False(first.IsDone);
        var end = Monitor(first.Pid);
        word.SetResult(7);
        Assert.Equal(7, await first.Await());
        Assert.Equal(7, await first.Await());

        // The result comes before the end.
        Assert.Equal(new Down(end, first.Pid, ExitReason.Normal), await Receive());
    });

    [Fact]
    public Task A_job_is_linked_and_who_does_not_trap_exits_fails_with_it() => Run(async () =>
    {
        var owner = Spawn(async () => await Job.Async<int>(() => throw new FormatException("bad")).Await());

        // Whichever comes first: the exit signal of the link, or the failure of the await.
        var end = (await EndOf(owner)).Exception;
        Assert.Equal("bad", (end is CallFailedException ? end.InnerException : end)?.Message ?? "bad");
        TrapExits = true;
        var job = Job.Async<int>(() => throw new FormatException("bad"));
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => job.Await().AsTask());
        Assert.Equal((CallFailure.Ended, "bad"), (failed.Failure, failed.InnerException!.Message));
        Assert.Equal(job.Pid, (await Receive<Exited>()).Pid);
    });

    [Fact]
    public Task A_job_ends_with_who_started_it() => Run(async () =>
    {
        var self = Self;
        var owner = Spawn(async () =>
        {
            Send(self, Job.Async(Waiting(out _)).Pid);
            await Receive();
        });
        var job = await Receive();
        Exit(owner, ExitReason.Other("gone"));
        Assert.True(await EndOf((Pid)job) is var reason && (reason == ExitReason.Other("gone") || reason == ExitReason.NoProcess));
    });

    [Fact]
    public Task A_wait_that_runs_out_leaves_the_job_to_be_awaited_again() => Run(async () =>
    {
        var job = Job.Async(Waiting(out var word));
        Assert.Null(await job.Yield(TimeSpan.Zero));
        var late = job.Await(Ms(10)).AsTask();
        await Task.Yield();
        Time.Advance(Ms(10));
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => late);
        Assert.Equal($"Call of {job.Pid} with a job failed: no reply within 10 ms. The server may still handle it. Look at the server with Sys.GetStatus, or give the call more time.", failed.Message);
        word.SetResult(7);
        Assert.Equal(new JobOutcome<int>(7, null), await job.Yield());
    });

    [Fact]
    public Task A_job_that_is_shut_down_ends_without_its_caller_and_gives_what_it_has() => Run(async () =>
    {
        var job = Job.Async(Waiting(out _));
        Assert.Equal(ExitReason.Shutdown, (await job.Shutdown()).Failure);
        var quick = Job.Async(() => Task.FromResult(3));
        await quick.Await();
        Assert.Equal(3, (await quick.Shutdown()).Value);

        var stubborn = Job.Async(async () =>
        {
            TrapExits = true;
            await new TaskCompletionSource().Task;
            return 0;
        });
        await Until(() => stubborn.Pid.Cell!.TrapsExits);
        var ending = stubborn.Shutdown(Ms(20)).AsTask();
        await Task.Yield();
        Time.Advance(Ms(20));
        Assert.Equal(ExitReason.Killed, (await ending).Failure);
        Assert.Equal(ExitReason.Killed, (await Job.Async(Waiting(out _)).Shutdown(TimeSpan.Zero)).Failure);
    });

    [Fact]
    public Task A_job_is_awaited_by_its_owner_only_and_once_at_a_time() => Run(async () =>
    {
        var job = Job.Async(Waiting(out var word));
        var stranger = Spawn(async () => await job.Await());
        Assert.Contains("which started it", (await EndOf(stranger)).Exception?.Message ?? "which started it");
        var first = job.Await();
        await Assert.ThrowsAsync<InvalidOperationException>(() => job.Await().AsTask());
        word.SetResult(1);
        Assert.Equal(1, await first);
    });

    [Fact]
    public Task A_server_awaits_a_job_in_a_callback() => Run(async () =>
    {
        var server = await GenServer.Start<Doubling>();
        Assert.Equal(42, await GenServer.Call<int>(server, 21));
    });

    private sealed class Doubling : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => 0;

        protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state)
        {
            var job = Job.Async(number => Task.FromResult(2 * number), (int)request);
            return Reply(await job.Await(), state);
        }
    }

    [Fact]
    public Task A_job_under_a_supervisor_fails_for_who_awaits_it_only_and_is_not_started_again() => Run(async () =>
    {
        await GenServer.Start<Parent>();
        var job = await JobSupervisor.AsyncNoLink<int>("jobs", () => throw new FormatException("bad"));
        var outcome = (await job.Yield())!.Value;
        Assert.Equal("bad", outcome.Failure!.Exception!.Message);

        var running = await JobSupervisor.AsyncNoLink("jobs", Waiting(out var word));
        Assert.Contains(await DynamicSupervisor.WhichChildren("jobs"), child => child.Pid == running.Pid);
        word.SetResult(5);
        Assert.Equal(5, await running.Await());

        var self = Self;
        await JobSupervisor.StartChild("jobs", () =>
        {
            Send(self, "done");
            return Task.CompletedTask;
        });
        Assert.Equal("done", await Receive<string>());

        var shut = await JobSupervisor.AsyncNoLink("jobs", Waiting(out _));
        Exit(WhereIs("jobs")!.Value, ExitReason.Kill);
        Assert.False((await shut.Yield())!.Value.Succeeded);
    });

    private sealed class Parent : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<JobSupervisor>() with { Name = "jobs" }]);
    }

    private static async Task<List<T>> All<T>(IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();

        await foreach (var one in stream)
        {
            all.Add(one);
        }

        return all;
    }

    [Fact]
    public Task A_stream_gives_outcomes_in_order_and_runs_no_more_at_once_than_it_may() => Run(async () =>
    {
        var running = 0;
        var most = 0;
        var words = Enumerable.Range(0, 6).Select(_ => new TaskCompletionSource()).ToArray();
        var all = All(Job.Stream(
            Enumerable.Range(0, 6),
            async number =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await words[number].Task;
                Interlocked.Decrement(ref running);
                return number;
            },
            new() { MaxConcurrency = 2 }));
        await Until(() => Volatile.Read(ref running) == 2);

        foreach (var word in words.Reverse())
        {
            word.SetResult();
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], (await all).Select(outcome => outcome.Value));
        Assert.Equal(2, most);
    });

    [Fact]
    public Task A_stream_without_order_gives_what_is_done_first() => Run(async () =>
    {
        var slow = new TaskCompletionSource<int>();
        var outcomes = Job.Stream([slow.Task, Task.FromResult(1), Task.FromResult(2)], task => task, new() { MaxConcurrency = 2, Ordered = false }).GetAsyncEnumerator();
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(1, outcomes.Current.Value);
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(2, outcomes.Current.Value);
        slow.SetResult(0);
        Assert.True(await outcomes.MoveNextAsync());
        Assert.Equal(0, outcomes.Current.Value);
        Assert.False(await outcomes.MoveNextAsync());
    });

    [Fact]
    public Task A_stream_ends_what_takes_too_long_or_itself_and_jobs_that_nobody_reads() => Run(async () =>
    {
        var never = new TaskCompletionSource<int>();
        var killing = All(Job.Stream([never.Task, Task.FromResult(1)], task => task, new() { MaxConcurrency = 1, Timeout = Ms(10), KillOnTimeout = true }));
        await Task.Yield();
        Time.Advance(Ms(10));
        var outcomes = await killing;
        Assert.Equal((ExitReason.Killed, 1), (outcomes[0].Failure, outcomes[1].Value));

        var failing = All(Job.Stream([never.Task, never.Task], task => task, new() { MaxConcurrency = 2, Timeout = Ms(10) }));
        await Task.Yield();
        Time.Advance(Ms(10));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => failing)).Failure);

        await foreach (var first in Job.Stream([Task.FromResult(1), never.Task], task => task, new() { MaxConcurrency = 2 }))
        {
            Assert.Equal(1, first.Value);
            break;
        }

        await Until(() => Node.ProcessCount == 1);
    });

    [Fact]
    public Task A_stream_under_a_supervisor_gives_failures_as_outcomes() => Run(async () =>
    {
        await GenServer.Start<Parent>();
        var outcomes = await All(Job.Stream(
            [1, 0, 2],
            number => number == 0 ? throw new FormatException("zero") : Task.FromResult(number),
            new() { Supervisor = "jobs" }));
        Assert.Equal([1, 0, 2], outcomes.Select(outcome => outcome.Value));
        Assert.Equal([true, false, true], outcomes.Select(outcome => outcome.Succeeded));
        Assert.Equal("zero", outcomes[1].Failure!.Exception!.Message);
        Assert.Equal(0, outcomes[1].Item);
    });

    [Fact]
    public Task A_stream_in_order_fills_free_places_behind_a_slow_first_item() => Run(async () =>
    {
        var first = new TaskCompletionSource();
        var done = 0;
        var all = All(Job.Stream(
            Enumerable.Range(0, 6),
            async number =>
            {
                if (number == 0)
                {
                    await first.Task;
                }

                Interlocked.Increment(ref done);
                return number;
            },
            new() { MaxConcurrency = 2 }));
        await Until(() => Volatile.Read(ref done) == 5);
        Assert.False(all.IsCompleted);
        first.SetResult();
        Assert.Equal([0, 1, 2, 3, 4, 5], (await all).Select(outcome => outcome.Value));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_stream_leaves_no_exit_in_the_mailbox_of_an_owner_that_traps_exits(bool ordered) => Run(async () =>
    {
        TrapExits = true;
        var outcomes = await All(Job.Stream(
            Enumerable.Range(0, 50),
            number => (number % 3) switch
            {
                0 => Task.FromResult(number),
                1 => throw new FormatException("bad"),
                _ => throw new ExitException(ExitReason.Kill),
            },
            new() { MaxConcurrency = 4, Ordered = ordered }));
        Assert.Equal(17, outcomes.Count(outcome => outcome.Succeeded));
        Assert.All(outcomes, outcome => Assert.Equal(outcome.Item % 3 == 0, outcome.Succeeded));
        await Until(() => Node.ProcessCount == 1);
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_stream_leaves_no_exit_where_a_job_is_killed_from_outside() => Run(async () =>
    {
        TrapExits = true;
        var pids = new TaskCompletionSource<Pid>();
        var all = All(Job.Stream(
            [1],
            async number =>
            {
                pids.SetResult(Self);
                await new TaskCompletionSource().Task;
                return number;
            }));
        Exit(await pids.Task, ExitReason.Kill);
        Assert.Equal(ExitReason.Killed, Assert.Single(await all).Failure);
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_reader_that_does_not_trap_exits_fails_with_a_job_of_its_stream() => Run(async () =>
    {
        var reader = Spawn(async () => await All(Job.Stream([1, 0], number => number == 0 ? throw new FormatException("zero") : new TaskCompletionSource<int>().Task)));
        Assert.Equal("zero", (await EndOf(reader)).Exception?.Message ?? "zero");
        await Until(() => Node.ProcessCount == 1);
    });

    [Fact]
    public Task The_jobs_of_a_stream_end_with_its_reader() => Run(async () =>
    {
        foreach (var how in new[] { ExitReason.Kill, ExitReason.Shutdown, ExitReason.Other("gone") })
        {
            var reader = Spawn(async () => await All(Job.Stream(Enumerable.Range(0, 4), _ => new TaskCompletionSource<int>().Task, new() { MaxConcurrency = 4 })));
            await Until(() => Node.ProcessCount == 6);
            Exit(reader, how);
            await Until(() => Node.ProcessCount == 1);
        }
    });

    [Fact]
    public Task A_stream_that_is_cancelled_ends_its_jobs() => Run(async () =>
    {
        using var cancelling = new CancellationTokenSource();
        var all = All(Job.Stream(Enumerable.Range(0, 4), _ => new TaskCompletionSource<int>().Task, new() { MaxConcurrency = 2 }, cancelling.Token));
        await Until(() => Node.ProcessCount == 3);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);
        await Until(() => Node.ProcessCount == 1);
    });

    [Fact]
    public Task Await_many_gives_the_results_in_the_order_of_the_jobs_and_fails_with_the_first() => Run(async () =>
    {
        var jobs = new[] { Job.Async(Waiting(out var first)), Job.Async(() => Task.FromResult(2)), Job.Async(Waiting(out var third)) };
        var all = Job.AwaitMany(jobs).AsTask();
        third.SetResult(3);
        first.SetResult(1);
        Assert.Equal([1, 2, 3], await all);
        Assert.Empty(await Job.AwaitMany<int>([]));

        TrapExits = true;
        await Assert.ThrowsAsync<CallFailedException>(() => Job.AwaitMany([Job.Async<int>(() => throw new FormatException("bad"))]).AsTask());
        var late = Job.AwaitMany([Job.Async(Waiting(out _))], Ms(10)).AsTask();
        await Task.Yield();
        Time.Advance(Ms(10));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => late)).Failure);
    });

    [Fact]
    public Task Yield_many_gives_the_outcomes_that_there_are_in_time_or_enough_of_them() => Run(async () =>
    {
        var jobs = new[] { Job.Async(Waiting(out var first)), Job.Async(() => Task.FromResult(2)) };
        Assert.Equal([null, new JobOutcome<int>(2, null)], await Job.YieldMany(jobs, limit: 1));
        Assert.Equal(2, (await Job.YieldMany(jobs, TimeSpan.Zero))[1]!.Value.Value);
        first.SetResult(1);
        Assert.Equal([1, 2], (await Job.YieldMany(jobs)).Select(outcome => outcome!.Value.Value));
    });

    [Fact]
    public Task A_wait_that_is_cancelled_leaves_the_job_to_be_awaited_again() => Run(async () =>
    {
        using var cancelling = new CancellationTokenSource();
        var job = Job.Async(Waiting(out var word));
        var waiting = job.Await(cancellation: cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        word.SetResult(1);
        Assert.Equal(1, await job.Await());
    });

    // Job.Done: without the first outcome being kept the end of the process, which comes right behind the result, takes its place.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Every_one_of_many_jobs_gives_its_own_result() => Run(async () =>
    {
        await GenServer.Start<Parent>();
        const int Jobs = 5_000;
        var sum = 0L;

        await foreach (var outcome in Job.Stream(
            Enumerable.Range(0, Jobs),
            async number =>
            {
                await Task.Yield();
                return number;
            },
            new() { MaxConcurrency = 64, Ordered = false, Timeout = Timeout.InfiniteTimeSpan, Supervisor = "jobs" }))
        {
            sum += outcome.Value;
        }

        Assert.Equal((long)Jobs * (Jobs - 1) / 2, sum);
        var jobs = Enumerable.Range(0, Jobs).Select(number => Job.Async(number => Task.FromResult(number), number)).ToList();

        for (var i = 0; i < Jobs; i++)
        {
            Assert.Equal(i, await jobs[i].Await(Timeout.InfiniteTimeSpan));
        }
    });

    [Fact]
    public Task A_job_supervisor_starts_no_more_jobs_than_it_may_have() => Run(async () =>
    {
        var supervisor = await GenServer.Start<JobSupervisor>(new DynamicSupervisorSpec { MaxChildren = 1 });
        var job = await JobSupervisor.AsyncNoLink(supervisor, Waiting(out var word));
        var refused = await Assert.ThrowsAsync<ChildRefusedException>(async () => await JobSupervisor.AsyncNoLink(supervisor, Waiting(out _)));
        Assert.Equal(ChildRefusal.MaxChildren, refused.Refusal);
        word.SetResult(1);
        Assert.Equal(1, await job.Await());
        await Until(() => !job.Pid.IsAlive);
        await DynamicSupervisor.CountChildren(supervisor);
        Assert.Equal(2, await (await JobSupervisor.AsyncNoLink(supervisor, () => Task.FromResult(2))).Await());
        Assert.Contains("takes a DynamicSupervisorSpec", (await Assert.ThrowsAsync<StartFailedException>(() => GenServer.Start<JobSupervisor>("what").AsTask())).Message);
    });

    [Theory]
    [InlineData(Restart.Temporary, 1)]
    [InlineData(Restart.Transient, 2)]
    public Task Work_under_a_supervisor_is_started_again_as_was_asked(Restart restart, int times) => Run(async () =>
    {
        var supervisor = await GenServer.Start<JobSupervisor>();
        var runs = 0;
        await JobSupervisor.StartChild(
            supervisor,
            () => Interlocked.Increment(ref runs) == 1 ? throw new FormatException("first") : Task.CompletedTask,
            restart);
        await Until(() => Volatile.Read(ref runs) == times);
        await Until(() => Node.ProcessCount == 2);
        Assert.Equal(times, runs);
    });

    [Fact]
    public Task A_job_that_is_to_be_killed_at_once_is_not_waited_for_by_its_supervisor() => Run(async () =>
    {
        var supervisor = await GenServer.Start<JobSupervisor>();
        var job = await JobSupervisor.AsyncNoLink(
            supervisor,
            async () =>
            {
                TrapExits = true;
                await new TaskCompletionSource().Task;
                return 0;
            },
            Shutdown.Brutal);
        await Until(() => job.Pid.Cell!.TrapsExits);
        await Supervisor.Stop(supervisor);
        Assert.Equal(ExitReason.Killed, (await job.Yield())!.Value.Failure);
    });
}
