using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Stress;

/// <summary>Processes that start and end on many threads while others look at all. Fails without the lock of a stripe, and where the one that takes a place is not told.</summary>
[Trait("Category", "Stress")]
public sealed class ProcessTableStressTests : ProcessTest
{
    [Fact]
    public Task Those_that_live_are_found_and_none_that_has_ended() => Run(async () =>
    {
        const int Rounds = 300;
        const int AtOnce = 40;
        var others = Node.AllProcesses().ToHashSet();
        var looks = 0;
        using var done = new CancellationTokenSource();
        var looking = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                var all = Node.AllProcesses();
                Assert.Equal(all.Count, all.Distinct().Count());
                Interlocked.Increment(ref looks);
            }
        });

        var left = new List<Pid>[2 * Environment.ProcessorCount];
        await Task.WhenAll(Enumerable.Range(0, left.Length).Select(number => Node.Run(async () =>
        {
            var random = new Random(number);
            var live = new List<Pid>();

            for (var round = 0; round < Rounds; round++)
            {
                while (live.Count < AtOnce)
                {
                    live.Add(Spawn(static async () => await Receive()));
                }

                // From the middle, so that others take their places.
                for (var ends = AtOnce / 2; ends > 0; ends--)
                {
                    var place = random.Next(live.Count);
                    var monitor = Monitor(live[place]);
                    Exit(live[place], ExitReason.Kill);
                    await Receive<Down>(down => down.Ref == monitor);
                    live.RemoveAt(place);
                }
            }

            left[number] = live;
        })));

        await done.CancelAsync();
        await looking;
        others.Remove(Self);
        Assert.Equal(left.SelectMany(live => live).ToHashSet(), Node.AllProcesses().Where(pid => pid != Self && !others.Contains(pid)).ToHashSet());
        Assert.True(looks > 0);
    });
}
