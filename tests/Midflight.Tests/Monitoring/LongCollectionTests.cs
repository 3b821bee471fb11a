using Midflight.Tests.Processes;

namespace Midflight.Tests.Monitoring;

public sealed class LongCollectionTests : ProcessTest
{
    [Fact]
    public async Task A_collection_that_takes_longer_than_it_may_is_warned_of_until_that_is_switched_off()
    {
        static bool IsWarning(string line) => line.StartsWith("Garbage collection ", StringComparison.Ordinal);
        Assert.Equal(Timeout.InfiniteTimeSpan, Node.Monitor.LongCollection);
        Assert.Throws<ArgumentOutOfRangeException>(() => Node.Monitor.LongCollection = TimeSpan.Zero);
        Node.Monitor.LongCollection = TimeSpan.FromHours(1);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.DoesNotContain(Logged, IsWarning);
        Node.Monitor.LongCollection = TimeSpan.FromTicks(1);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        await Until(() => Logged.Any(IsWarning));
        Assert.Contains("paused all processes for", Logged.First(IsWarning));
        Node.Monitor.LongCollection = Timeout.InfiniteTimeSpan;
        GC.WaitForPendingFinalizers();
    }
}
