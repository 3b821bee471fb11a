using System.Diagnostics;
using Midflight.Benchmarks.Channels;
using static Midflight.Benchmarks.Workload;
using static Midflight.Process;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Messages between plain processes.</summary>
internal static class Messages
{
    internal static readonly Workload[] All =
    [
        new("pingpong", "ns", PingPong) { HasBeam = true, Channels = PlainActors.PingPong },
        new("pingpong_parallel", "M/s", PingPongs) { HasBeam = true, Channels = PlainActors.PingPongs },
        new("ring", "ns", Ring) { HasBeam = true, Channels = PlainActors.Ring },
    ];

    private sealed record Ping(Pid From, int Number);

    private static async Task<double> PingPong()
    {
        const int N = 1_000_000;
        var pong = Spawn(Pong);
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            Send(pong, new Ping(Self, i));
            var back = (Ping)await Receive();
            Require(back.From == pong && back.Number == i);
        }

        return Each(start, N);
    }

    // Two pairs for each processor.
    private static async Task<double> PingPongs()
    {
        const int N = 500_000;
        var pairs = 2 * Environment.ProcessorCount;
        var main = Self;
        var start = Stopwatch.GetTimestamp();

        for (var pair = 0; pair < pairs; pair++)
        {
            Spawn(async () =>
            {
                var pong = Spawn(Pong);

                for (var i = 0; i < N; i++)
                {
                    Send(pong, new Ping(Self, i));
                    Require(((Ping)await Receive()).Number == i);
                }

                Send(main, "done");
            });
        }

        for (var pair = 0; pair < pairs; pair++)
        {
            await Receive();
        }

        return Millions(start, pairs * N);
    }

    private static async ProcessTask Pong()
    {
        while (true)
        {
            var ping = (Ping)await Receive();
            Send(ping.From, new Ping(Self, ping.Number));
        }
    }

    private sealed record Token(int Left);

    private static async Task<double> Ring()
    {
        const int Processes = 503;
        const int Hops = 5_000_000;
        var main = Self;
        var last = Spawn(async () => await Hop((Pid)await Receive(), main));
        var first = last;

        for (var i = 1; i < Processes; i++)
        {
            var next = first;
            first = Spawn(() => Hop(next, main));
        }

        Send(last, first);
        var start = Stopwatch.GetTimestamp();
        Send(first, new Token(Hops));
        await Receive();
        return Each(start, Hops);
    }

    private static async ProcessTask Hop(Pid next, Pid main)
    {
        while (true)
        {
            var token = (Token)await Receive();

            if (token.Left == 0)
            {
                Send(main, "winner");
                return;
            }

            Send(next, new Token(token.Left - 1));
        }
    }
}
