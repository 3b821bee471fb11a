using Midflight.Tests.Processes;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Tests.Agents;

public sealed class AgentTests : ProcessTest
{
    private sealed class Hits : Agent<int>
    {
        internal static ValueTask<int> Count(ServerRef hits, TimeSpan? timeout = null) => Get(hits, count => count, timeout);

        internal static ValueTask<string> Text(ServerRef hits) => Get(hits, count => $"{count}");

        internal static ValueTask Add(ServerRef hits, int more) => Update(hits, count => count + more);

        internal static ValueTask<int> Next(ServerRef hits) => GetAndUpdate(hits, count => (count, count + 1));

        internal static void AddLater(ServerRef hits, int more) => Cast(hits, count => count + more);

        internal static ValueTask Break(ServerRef hits) => Update(hits, _ => throw new FormatException("broken"));

        protected override Started<int> Init(object? argument) => (int)argument!;

        protected override object? FormatStatus(int state) => $"{state} hits";
    }

    [Fact]
    public Task Its_state_is_read_and_changed_by_functions_in_the_order_sent() => Run(async () =>
    {
        var hits = await Start<Hits>(5, "hits");
        Assert.Equal(5, await Hits.Count("hits"));
        await Hits.Add(hits, 10);
        Assert.Equal(15, await Hits.Next(hits));
        Hits.AddLater(hits, 100);
        Assert.Equal("116", await Hits.Text(hits));
        Assert.Equal(116, await Sys.GetState(hits));
        Assert.Equal("116 hits", (await Sys.GetStatus(hits)).State);
    });

    [Fact]
    public Task A_function_that_throws_ends_the_agent_and_its_caller_learns_why() => Run(async () =>
    {
        var hits = await Start<Hits>(5);
        var failed = await Assert.ThrowsAsync<CallFailedException>(() => Hits.Break(hits).AsTask());
        Assert.Equal((CallFailure.Ended, "broken"), (failed.Failure, failed.InnerException!.Message));
        Assert.Contains($"a lambda in {typeof(Hits).FullName!.Split('+')[0]}", Assert.Single(Logged));
    });

    [Fact]
    public Task A_suspended_agent_answers_when_it_goes_on_and_not_after_the_time_out() => Run(async () =>
    {
        var hits = await Start<Hits>(5);
        await Sys.Suspend(hits);
        var late = Hits.Count(hits, Ms(10)).AsTask();
        var answered = Hits.Count(hits, Timeout.InfiniteTimeSpan);
        Time.Advance(Ms(10));
        Assert.Equal(CallFailure.TimedOut, (await Assert.ThrowsAsync<CallFailedException>(() => late)).Failure);
        await Sys.Resume(hits);
        Assert.Equal(5, await answered);
    });

    [Fact]
    public Task It_is_a_child_of_a_supervisor_and_begins_anew_with_its_argument() => Run(async () =>
    {
        await Start<Parent>();
        await Hits.Add("hits", 1);
        var hits = WhereIs("hits")!.Value;
        await Assert.ThrowsAsync<CallFailedException>(() => Hits.Break(hits).AsTask());
        await Until(() => WhereIs("hits") is { } again && again != hits);
        Assert.Equal(7, await Hits.Count("hits"));
    });

    private sealed class Parent : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<Hits>(7) with { Name = "hits" }]);
    }

    // Cell.TryEnter: with two owners at once a function works on a state that another is changing, and counts are lost.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Functions_of_many_processes_and_threads_run_one_after_the_other() => Run(async () =>
    {
        const int Each = 5_000;
        var hits = await Start<Hits>(0);
        var self = Self;

        for (var i = 0; i < 4; i++)
        {
            Spawn(async () =>
            {
                for (var j = 0; j < Each; j++)
                {
                    await Hits.Add(hits, 1);
                    Hits.AddLater(hits, 1);
                }

                Send(self, "done");
            });
        }

        var outside = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (var j = 0; j < Each; j++)
            {
                await Hits.Next(hits);
            }
        }));
        await Task.WhenAll(outside);

        for (var i = 0; i < 4; i++)
        {
            await Receive<string>();
        }

        Assert.Equal(10 * Each, await Hits.Count(hits));
    });
}
