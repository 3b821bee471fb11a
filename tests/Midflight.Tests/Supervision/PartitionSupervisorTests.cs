using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Supervision;

/// <summary>Partitions, as Elixir's PartitionSupervisor has them.</summary>
public sealed class PartitionSupervisorTests : ProcessTest
{
    private sealed class Counter : GenServer<int>
    {
        protected override Started<int> Init(object? argument) => argument is int first ? first : 0;

        protected override Answer<int> HandleCall(object request, int state) => Reply(state, state + (int)request);
    }

    [Fact]
    public Task A_key_has_its_partition_and_whole_numbers_go_round() => Run(async () =>
    {
        await PartitionSupervisor.StartLink("counters", Child.Of<Counter>(), 3);
        Assert.Equal(3, PartitionSupervisor.Partitions("counters"));

        for (var key = -4; key <= 4; key++)
        {
            Assert.Equal($"'counters/{Math.Abs(key) % 3}'", PartitionSupervisor.For("counters", key).ToString());
            Assert.Equal(PartitionSupervisor.For("counters", key), PartitionSupervisor.For("counters", (long)key));
        }

        foreach (var key in new object[] { int.MinValue, long.MinValue, ulong.MaxValue, (byte)7, "text", ("pair", 1), 1.5 })
        {
            var partition = PartitionSupervisor.For("counters", key);
            Assert.Equal(partition, PartitionSupervisor.For("counters", key));
            Assert.Equal(0, await GenServer.Call<int>(partition, 0));
        }
    });

    [Fact]
    public Task There_is_a_partition_for_each_processor_unless_told_otherwise() => Run(async () =>
    {
        await PartitionSupervisor.StartLink("jobs", Child.Of<JobSupervisor>());
        Assert.Equal(Environment.ProcessorCount, PartitionSupervisor.Partitions("jobs"));
        var job = await JobSupervisor.AsyncNoLink(PartitionSupervisor.For("jobs", Self), () => Task.FromResult(Ancestors[0]));
        Assert.Equal(WhereIs(PartitionSupervisor.For("jobs", Self).ToString().Trim('\'')), await job.Await());
    });

    [Fact]
    public Task Each_partition_can_be_given_its_own_argument() => Run(async () =>
    {
        await PartitionSupervisor.StartLink("other", Child.Of<Counter>(), 1);
        await Supervisor.StartLink(new SupervisorSpec(Strategy.OneForOne, [PartitionSupervisor.Child("counters", partition => Child.Of<Counter>(10 * partition), 2)]));
        Assert.Equal(0, await GenServer.Call<int>(PartitionSupervisor.For("counters", 0), 1));
        Assert.Equal(10, await GenServer.Call<int>(PartitionSupervisor.For("counters", 1), 1));
        Assert.Equal(["0", "1"], (await Supervisor.WhichChildren("counters")).Select(child => child.Id));
        Assert.Equal(2, (await Supervisor.CountChildren("counters")).Active);
    });

    [Fact]
    public Task A_partition_that_ends_is_started_again_under_its_number() => Run(async () =>
    {
        await PartitionSupervisor.StartLink("counters", Child.Of<Counter>(), 2);
        var was = WhereIs("counters/1")!.Value;
        Exit(was, ExitReason.Kill);
        await Until(() => WhereIs("counters/1") is { } now && now != was);
        Assert.Equal(0, await GenServer.Call<int>(PartitionSupervisor.For("counters", 1), 1));
    });

    [Fact]
    public Task Partitions_that_are_not_there_are_told_with_what_to_do() => Run(async () =>
    {
        Assert.Contains("There are no partitions 'none'. Start them before their users", Assert.Throws<InvalidOperationException>(() => PartitionSupervisor.For("none", 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => PartitionSupervisor.Child("none", Child.Of<Counter>(), 0));
        await PartitionSupervisor.StartLink("counters", Child.Of<Counter>(), 2);
        Assert.NotNull((await Assert.ThrowsAsync<StartFailedException>(async () => await PartitionSupervisor.StartLink("counters", Child.Of<Counter>(), 5))).AlreadyStarted);
        Assert.Equal(2, PartitionSupervisor.Partitions("counters"));
        await Supervisor.Stop("counters");
        Assert.Throws<InvalidOperationException>(() => PartitionSupervisor.Partitions("counters"));
    });
}
