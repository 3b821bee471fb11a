using Midflight.Tests.Processes;

namespace Midflight.Tests.Guide;

/// <summary>What docs/guide/behaviours.md shows works.</summary>
public sealed class ExamplesTests : ProcessTest
{
    [Fact]
    public Task The_examples_of_the_guide_work() => Run(async () =>
    {
        await GenServer.Start<House>();
        Assert.Equal(3, await Counter.Add("counter", 3));

        CodeLock.Type("lock", "0000");
        Assert.Equal(Door.Locked, await CodeLock.Ask("lock"));
        CodeLock.Type("lock", "1234");
        Assert.Equal(Door.Open, await CodeLock.Ask("lock"));
        Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Door.Locked, await CodeLock.Ask("lock"));

        await EventManager.AddHandler<Tally>("events");
        EventManager.Notify("events", "something");
        Assert.Equal(1, await Tally.Total("events"));

        await Hits.Add("hits", 2);
        Assert.Equal(2, await Hits.Count("hits"));
        Assert.Equal(6, await Sizes.Total(["a", "bb", "ccc"]));
    });
}
