using System.Diagnostics;
using Midflight.Benchmarks.Channels;
using static Midflight.Benchmarks.Workload;
using static Midflight.GenServer;
using static Midflight.Process;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Calls and casts to servers.</summary>
internal static class Servers
{
    internal static readonly Workload[] All =
    [
        new("call", "ns", CallOne) { HasBeam = true, Channels = () => PlainActors.Call(1, 1_000_000, static (since, n) => Each(since, n)) },
        new("call_64", "M/s", Call64) { HasBeam = true, Channels = () => PlainActors.Call(64, 20_000, static (since, n) => Millions(since, n)) },
        new("call_1m", "ns", CallAmongMany) { HasBeam = true, MostRuns = 3 },
        new("cast_1", "M/s", () => CastAll(1)) { HasBeam = true, Channels = () => PlainActors.Cast(1) },
        new("cast_8", "M/s", () => CastAll(8)) { HasBeam = true, Channels = () => PlainActors.Cast(8) },
        new("fanout", "M/s", FanOut) { HasBeam = true, Channels = PlainActors.FanOut },
    ];

    private static async Task<double> CallOne()
    {
        const int N = 1_000_000;
        var server = await Start<Counter>();
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            await Counter.Add(server);
        }

        var figure = Each(start, N);
        Require((await Counter.Add(server)).Count == N + 1);
        return figure;
    }

    /// <summary>Calls to servers drawn from 1,000,000 that live.</summary>
    private static async Task<double> CallAmongMany()
    {
        const int N = 1_000_000;
        var servers = new Pid[N];

        for (var i = 0; i < N; i++)
        {
            servers[i] = await Start<Counter>();
        }

        var random = new Random(1);
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            await Counter.Add(servers[random.Next(N)]);
        }

        return Each(start, N);
    }

    private static async Task<double> Call64()
    {
        const int Callers = 64;
        const int N = 20_000;
        var server = await Start<Counter>();
        var self = Self;
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < Callers; i++)
        {
            Spawn(async () =>
            {
                for (var j = 0; j < N; j++)
                {
                    await Counter.Add(server);
                }

                Send(self, "done");
            });
        }

        for (var i = 0; i < Callers; i++)
        {
            await Receive();
        }

        var figure = Millions(start, Callers * N);
        Require((await Counter.Add(server)).Count == (Callers * N) + 1);
        return figure;
    }

    private static async Task<double> CastAll(int producers)
    {
        const int N = 2_000_000;
        var server = await Start<Counter>();
        var self = Self;
        var start = Stopwatch.GetTimestamp();

        for (var p = 0; p < producers; p++)
        {
            Spawn(() =>
            {
                for (var i = 0; i < N / producers; i++)
                {
                    Cast(server, Counter.Inc.Message);
                }

                Send(self, "done");
                return Task.CompletedTask;
            });
        }

        for (var p = 0; p < producers; p++)
        {
            await Receive();
        }

        var (_, count) = await Counter.Add(server);
        var figure = Millions(start, N);
        Require(count == N + 1);
        return figure;
    }

    private static async Task<double> FanOut()
    {
        const int Count = 10_000;
        const int Rounds = 100;
        var servers = new Pid[Count];

        for (var i = 0; i < Count; i++)
        {
            servers[i] = await Start<Counter>();
        }

        var bump = new Counter.Bump(Rounds, Self);
        var start = Stopwatch.GetTimestamp();

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in servers)
            {
                Cast(server, bump);
            }
        }

        for (var i = 0; i < Count; i++)
        {
            await Receive();
        }

        return Millions(start, Count * Rounds);
    }
}
