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
        var busy = Enumerable.Range(0, left.Length).Select(number => SpawnMonitor(async () =>
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
        }).Monitor).ToList();

        // Who is told of the end of a process finds it gone.
        foreach (var monitor in busy)
        {
            Assert.Equal(ExitReason.Normal, (await Receive<Down>(down => down.Ref == monitor)).Reason);
        }

        await done.CancelAsync();
        await looking;
        Assert.Equal(left.SelectMany(live => live).ToHashSet(), Node.AllProcesses().Where(pid => !others.Contains(pid)).ToHashSet());
        Assert.True(looks > 0);
    });
}
