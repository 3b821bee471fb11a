using Microsoft.Extensions.Logging;

namespace Midflight.Tests.Supervision;

[Trait("Category", "Stress")]
public sealed class SupervisorStressTests : IAsyncDisposable
{
    private readonly StartFailures _failures = new();
    private readonly Node _node;

    public SupervisorStressTests() => _node = new Node(_failures);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    public sealed class Nursery : DynamicSupervisor
    {
        protected override DynamicSupervisorSpec Init(object? argument) => new() { Intensity = Kin.Plenty };
    }

    /// <summary>Crashes when it is told to; told by itself, it would leave nothing to wait for.</summary>
    public sealed class Fragile : GenServer<Gauge>
    {
        protected override Started<Gauge> Init(object? argument)
        {
            var gauge = (Gauge)argument!;
            Interlocked.Increment(ref gauge.Starts);
            return gauge;
        }

        protected override Answer<Gauge> HandleCall(object request, Gauge state) => Reply(0, state);

        protected override Answer<Gauge> HandleCast(object message, Gauge state) => Stop(ExitReason.Other("broke"), state);
    }

    /// <summary>Counts the starts that supervisors report as failed.</summary>
    private sealed class StartFailures : ILogger
    {
        private int _count;

        internal int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "ChildStartFailed")
            {
                Interlocked.Increment(ref _count);
            }
        }
    }

    public sealed class Gauge
    {
        internal int Starts;
    }

    // Fails, two times of three, when Cell.End tells its links before it gives its names back: then a start finds its name taken.
    [Fact(Timeout = 60_000)]
    public Task Twenty_thousand_crashes_of_a_hundred_children_end_in_a_hundred_children() => _node.Run(async () =>
    {
        const int Crashes = 20_000;
        var gauge = new Gauge();
        var children = Enumerable.Range(0, 100).Select(i => Child.Of<Fragile>(gauge) with { Id = $"{i}", Name = $"fragile {i}" });
        var supervisor = await GenServer.Start<Family>(new SupervisorSpec(Strategy.OneForOne, [.. children]) { Intensity = Kin.Plenty });

        // From two sides, also while a child is being started.
        var attackers = new[] { Process.SpawnMonitor(Attack), Process.SpawnMonitor(Attack) };

        foreach (var (_, monitor) in attackers)
        {
            await Process.Receive<Down>(down => down.Ref == monitor);
        }

        while (!await AllAnswer(supervisor))
        {
        }

        Assert.Equal(102, _node.ProcessCount);
        Assert.Equal(0, _failures.Count);

        async ProcessTask Attack()
        {
            while (Volatile.Read(ref gauge.Starts) < Crashes)
            {
                for (var i = 0; i < 100; i++)
                {
                    GenServer.Cast($"fragile {i}", "break");
                }

                await Supervisor.CountChildren(supervisor);
            }
        }
    });

    // An answer comes behind all that waited before: who answers is not about to crash.
    private static async Task<bool> AllAnswer(Pid supervisor)
    {
        try
        {
            foreach (var child in await Supervisor.WhichChildren(supervisor))
            {
                await GenServer.Call<int>(child.Pid, "well?");
            }

            return true;
        }
        catch (CallFailedException)
        {
            return false;
        }
    }

    // Fails when Supervisor.StartAgain does not wait for Children.Stop: then names are taken, and starts fail.
    [Fact(Timeout = 60_000)]
    public Task A_group_under_crashes_from_all_sides_stays_whole() => _node.Run(async () =>
    {
        var gauge = new Gauge();
        var children = Enumerable.Range(0, 10).Select(i => Child.Of<Fragile>(gauge) with { Id = $"{i}", Name = $"one {i}" });
        var supervisor = await GenServer.Start<Family>(new SupervisorSpec(Strategy.OneForAll, [.. children]) { Intensity = Kin.Plenty });

        for (var round = 0; round < 200; round++)
        {
            for (var i = round % 3; i < 10; i += 3)
            {
                GenServer.Cast($"one {i}", "break");
            }

            await Supervisor.CountChildren(supervisor);
        }

        while ((await Supervisor.CountChildren(supervisor)).Active < 10)
        {
        }

        Assert.True(supervisor.IsAlive);
        Assert.Equal(0, _failures.Count);
    });

    [Fact(Timeout = 60_000)]
    public Task A_hundred_thousand_children_start_crash_and_end() => _node.Run(async () =>
    {
        const int Count = 100_000;
        var gauge = new Gauge();
        var spec = Child.Of<Fragile>(gauge);
        var supervisor = await GenServer.Start<Nursery>();

        for (var i = 0; i < Count; i++)
        {
            await DynamicSupervisor.StartChild(supervisor, spec);
        }

        foreach (var child in (await DynamicSupervisor.WhichChildren(supervisor)).Take(20_000))
        {
            GenServer.Cast(child.Pid, "break");
        }

        while (Volatile.Read(ref gauge.Starts) < Count + 20_000)
        {
            await DynamicSupervisor.CountChildren(supervisor);
        }

        Assert.Equal(Count, (await DynamicSupervisor.CountChildren(supervisor)).Active);
        await Sys.Terminate(supervisor, ExitReason.Shutdown);
        await Kin.Ended(supervisor);
        Assert.Equal(1, _node.ProcessCount);
    });
}
