using System.Diagnostics;
using Midflight.Benchmarks.Channels;
using static Midflight.Benchmarks.Workload;
using static Midflight.Process;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Starting processes, and what they weigh.</summary>
internal static class Spawning
{
    internal static readonly Workload[] All =
    [
        new("spawn", "ns", SpawnPlain) { HasBeam = true, Channels = () => PlainActors.Spawn(1_000_000) },
        new("spawn_closure", "ns", SpawnClosures),
        new("spawn_server", "ns", SpawnServers) { HasBeam = true },
        new("kill", "1/s", Kill) { HasBeam = true },
        new("memory_server", "bytes", Memory) { HasBeam = true, Channels = () => PlainActors.Memory(200_000) },
        new("skynet", "ms", Skynet) { HasBeam = true, Channels = PlainActors.Skynet },
        new("gc_pause_1m", "ms", LongestPause),
    ];

    private static Task<double> SpawnPlain()
    {
        const int N = 1_000_000;
        var pids = new Pid[N];
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            pids[i] = Spawn(Idle);
        }

        return Task.FromResult(Each(start, N));
    }

    // Each with a lambda of its own, as most code spawns.
    private static Task<double> SpawnClosures()
    {
        const int N = 1_000_000;
        var pids = new Pid[N];
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            var number = i;
            pids[i] = Spawn(() => Idle(number));
        }

        return Task.FromResult(Each(start, N));
    }

    private static async ProcessTask Idle(int number)
    {
        await Receive();
        Require(number >= 0);
    }

    private static async ProcessTask<Next> Idle()
    {
        await Receive();
        return Next.End;
    }

    // From the first kill until none is left.
    private static async Task<double> Kill()
    {
        const int N = 1_000_000;
        var pids = new Pid[N];
        var others = Node.Current.ProcessCount;

        for (var i = 0; i < N; i++)
        {
            pids[i] = Spawn(Idle);
        }

        var start = Stopwatch.GetTimestamp();

        foreach (var pid in pids)
        {
            Exit(pid, ExitReason.Kill);
        }

        while (Node.Current.ProcessCount > others)
        {
            await Receive(TimeSpan.FromMilliseconds(1));
        }

        return N / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> SpawnServers()
    {
        const int N = 1_000_000;
        var pids = new Pid[N];
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            pids[i] = await GenServer.Start<Counter>();
        }

        return Each(start, N);
    }

    private static async Task<double> Memory()
    {
        const int N = 200_000;
        var pids = new Pid[N];
        var before = GC.GetTotalMemory(true);

        for (var i = 0; i < N; i++)
        {
            pids[i] = await GenServer.Start<Counter>();
        }

        var bytes = (GC.GetTotalMemory(true) - before) / (double)N;
        GC.KeepAlive(pids);
        return bytes;
    }

    /// <summary>The longest pause of the collector in ten collections, while 1,000,000 servers live and casts go round among them.</summary>
    private static async Task<double> LongestPause()
    {
        const int N = 1_000_000;
        const int Collections = 10;
        var pids = new Pid[N];

        for (var i = 0; i < N; i++)
        {
            pids[i] = await GenServer.Start<Counter>();
        }

        GC.Collect();
        var first = GC.CollectionCount(0);
        var longest = TimeSpan.Zero;
        var since = GC.CollectionCount(0);
        var asked = GC.GetGCMemoryInfo(GCKind.Any).Index;

        for (var i = 0; GC.CollectionCount(0) < first + Collections; i++)
        {
            GenServer.Cast(pids[i % N], Counter.Inc.Message);

            if (i % 1_000 == 0)
            {
                // Gives way, or all casts would wait until the end.
                await Task.Yield();

                if (GC.CollectionCount(0) != since)
                {
                    since = GC.CollectionCount(0);

                    foreach (var kind in new[] { GCKind.Ephemeral, GCKind.Background, GCKind.FullBlocking })
                    {
                        var collection = GC.GetGCMemoryInfo(kind);

                        // Not the one that was asked for above.
                        foreach (var pause in collection.Index > asked ? collection.PauseDurations : [])
                        {
                            longest = pause > longest ? pause : longest;
                        }
                    }
                }
            }
        }

        GC.KeepAlive(pids);
        return longest.TotalMilliseconds;
    }

    private static async Task<double> Skynet()
    {
        var start = Stopwatch.GetTimestamp();
        Spawn(Sky, (Self, 0L, 1_000_000));
        Require((long)await Receive() == 499_999_500_000);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async ProcessTask Sky((Pid Parent, long Number, int Size) leaf)
    {
        if (leaf.Size == 1)
        {
            Send(leaf.Parent, leaf.Number);
            return;
        }

        var part = leaf.Size / 10;

        for (var i = 0; i < 10; i++)
        {
            Spawn(Sky, (Self, leaf.Number + (i * part), part));
        }

        var sum = 0L;

        for (var i = 0; i < 10; i++)
        {
            sum += (long)await Receive();
        }

        Send(leaf.Parent, sum);
    }
}
