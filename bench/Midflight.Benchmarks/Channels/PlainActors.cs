using System.Diagnostics;
using System.Threading.Channels;
using static Midflight.Benchmarks.Workload;

namespace Midflight.Benchmarks.Channels;

/// <summary>The workloads with what one writes without a framework: an actor is a channel and the loop that reads it.</summary>
internal static class PlainActors
{
    private static readonly UnboundedChannelOptions Options = new() { SingleReader = true };

    private sealed class Counter
    {
        private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>(Options);

        internal Counter() => _ = Loop();

        internal sealed record Bump(int Goal, ChannelWriter<object> To);

        internal Task<int> Add()
        {
            var reply = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            _inbox.Writer.TryWrite(reply);
            return reply.Task;
        }

        internal void Cast(object message) => _inbox.Writer.TryWrite(message);

        internal void Stop() => _inbox.Writer.Complete();

        private async Task Loop()
        {
            var count = 0;

            while (await _inbox.Reader.WaitToReadAsync())
            {
                while (_inbox.Reader.TryRead(out var message))
                {
                    count++;

                    switch (message)
                    {
                        case TaskCompletionSource<int> reply:
                            reply.SetResult(count);
                            break;
                        case Bump(var goal, var to) when goal == count:
                            to.TryWrite("done");
                            break;
                    }
                }
            }
        }
    }

    internal static Task<double> Spawn(int count) => Task.Run(() =>
    {
        var actors = new Counter[count];
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < count; i++)
        {
            actors[i] = new();
        }

        return Stopped(Each(start, count), actors);
    });

    internal static Task<double> Memory(int count) => Task.Run(() =>
    {
        var actors = new Counter[count];
        var before = GC.GetTotalMemory(true);

        for (var i = 0; i < count; i++)
        {
            actors[i] = new();
        }

        return Stopped((GC.GetTotalMemory(true) - before) / (double)count, actors);
    });

    private static double Stopped(double figure, params Counter[] actors)
    {
        foreach (var actor in actors)
        {
            actor.Stop();
        }

        return figure;
    }

    internal static async Task<double> Call(int callers, int each, Func<long, int, double> figure)
    {
        var server = new Counter();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await server.Add();
            }
        })));
        var result = figure(start, callers * each);
        Require(await server.Add() == (callers * each) + 1);
        return Stopped(result, server);
    }

    internal static async Task<double> Cast(int producers)
    {
        const int N = 2_000_000;
        var server = new Counter();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, producers).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < N / producers; i++)
            {
                server.Cast("inc");
            }
        })));
        var count = await server.Add();
        var figure = Millions(start, N);
        Require(count == N + 1);
        return Stopped(figure, server);
    }

    internal static Task<double> FanOut() => Task.Run(async () =>
    {
        const int Count = 10_000;
        const int Rounds = 100;
        var inbox = Channel.CreateUnbounded<object>(Options);
        var servers = Enumerable.Range(0, Count).Select(_ => new Counter()).ToArray();
        var bump = new Counter.Bump(Rounds, inbox.Writer);
        var start = Stopwatch.GetTimestamp();

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var server in servers)
            {
                server.Cast(bump);
            }
        }

        for (var i = 0; i < Count; i++)
        {
            await inbox.Reader.ReadAsync();
        }

        return Stopped(Millions(start, Count * Rounds), servers);
    });

    private sealed record Ping(ChannelWriter<Ping> From, int Number);

    internal static Task<double> PingPong() => Task.Run(async () =>
    {
        const int N = 1_000_000;
        var start = Stopwatch.GetTimestamp();
        await Pair(N);
        return Each(start, N);
    });

    internal static async Task<double> PingPongs()
    {
        const int N = 500_000;
        var pairs = 2 * Environment.ProcessorCount;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, pairs).Select(_ => Task.Run(() => Pair(N))));
        return Millions(start, pairs * N);
    }

    private static async Task Pair(int count)
    {
        var (main, other) = (Channel.CreateUnbounded<Ping>(Options), Channel.CreateUnbounded<Ping>(Options));
        _ = Task.Run(async () =>
        {
            await foreach (var ping in other.Reader.ReadAllAsync())
            {
                ping.From.TryWrite(new(other.Writer, ping.Number));
            }
        });

        for (var i = 0; i < count; i++)
        {
            other.Writer.TryWrite(new(main.Writer, i));
            Require((await main.Reader.ReadAsync()).Number == i);
        }

        other.Writer.Complete();
    }

    private sealed record Token(int Left);

    internal static async Task<double> Ring()
    {
        const int Count = 503;
        const int Hops = 5_000_000;
        var inboxes = Enumerable.Range(0, Count).Select(_ => Channel.CreateUnbounded<Token>(Options)).ToArray();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        for (var i = 0; i < Count; i++)
        {
            var (own, next) = (inboxes[i].Reader, inboxes[(i + 1) % Count].Writer);
            _ = Task.Run(async () =>
            {
                await foreach (var token in own.ReadAllAsync())
                {
                    if (token.Left == 0)
                    {
                        done.SetResult();
                    }
                    else
                    {
                        next.TryWrite(new(token.Left - 1));
                    }
                }
            });
        }

        var start = Stopwatch.GetTimestamp();
        inboxes[0].Writer.TryWrite(new(Hops));
        await done.Task;
        var figure = Each(start, Hops);

        foreach (var inbox in inboxes)
        {
            inbox.Writer.Complete();
        }

        return figure;
    }

    internal static async Task<double> Skynet()
    {
        var start = Stopwatch.GetTimestamp();
        var root = Channel.CreateUnbounded<long>(Options);
        _ = Task.Run(() => Sky(root.Writer, 0, 1_000_000));
        Require(await root.Reader.ReadAsync() == 499_999_500_000);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task Sky(ChannelWriter<long> parent, long number, int size)
    {
        // Each has its inbox, as each process has: the leaves are actors too.
        var inbox = Channel.CreateUnbounded<long>(Options);

        if (size == 1)
        {
            parent.TryWrite(number);
            return;
        }

        var part = size / 10;

        for (var i = 0; i < 10; i++)
        {
            var first = number + (i * part);
            _ = Task.Run(() => Sky(inbox.Writer, first, part));
        }

        var sum = 0L;

        for (var i = 0; i < 10; i++)
        {
            sum += await inbox.Reader.ReadAsync();
        }

        parent.TryWrite(sum);
    }
}
