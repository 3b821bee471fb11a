using System.Diagnostics;
using static Midflight.Process;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Supervisors: how fast they restart and start.</summary>
internal static class Supervision
{
    internal static readonly Workload[] All =
    [
        new("sup_restart", "1/s", Restarts) { HasBeam = true },
        new("sup_start_child", "1/s", StartChildren) { HasBeam = true },
        new("sup_restart_among", "1/s", RestartsAmongMany) { HasBeam = true },
        new("sup_terminate", "ms", Terminate) { HasBeam = true },
    ];

    private static readonly RestartIntensity Any = new(restarts: 1_000_000, within: TimeSpan.FromSeconds(1));

    private static async Task<double> Restarts()
    {
        const int N = 1_000;
        await GenServer.Start<One>(Self);
        var worker = (Pid)await Receive();
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            Exit(worker, ExitReason.Kill);
            worker = (Pid)await Receive();
        }

        return N / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> StartChildren()
    {
        const int N = 100_000;
        var supervisor = await GenServer.Start<Many>();
        var start = Stopwatch.GetTimestamp();
        await Start(supervisor, N);
        return N / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // 1,000 of 100,000 children killed one after the other; until all are there again.
    private static async Task<double> RestartsAmongMany()
    {
        const int N = 100_000;
        const int Killed = 1_000;
        var supervisor = await GenServer.Start<Many>();
        var children = await Start(supervisor, N);
        var start = Stopwatch.GetTimestamp();

        foreach (var child in children.Take(Killed))
        {
            var monitor = Process.Monitor(child);
            Exit(child, ExitReason.Kill);
            await Receive<Down>(down => down.Ref == monitor);
        }

        while ((await DynamicSupervisor.CountChildren(supervisor)).Active < N)
        {
            await Task.Yield();
        }

        return Killed / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // 100,000 children, brutally.
    private static async Task<double> Terminate()
    {
        var supervisor = await GenServer.Start<Many>();
        await Start(supervisor, 100_000);
        var monitor = Process.Monitor(supervisor);
        var start = Stopwatch.GetTimestamp();
        await Sys.Terminate(supervisor, ExitReason.Shutdown, Timeout.InfiniteTimeSpan);
        await Receive<Down>(down => down.Ref == monitor);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<Pid[]> Start(Pid supervisor, int count)
    {
        var child = Child.Of<Counter>() with { Shutdown = Shutdown.Brutal };
        var children = new Pid[count];

        for (var i = 0; i < count; i++)
        {
            children[i] = await DynamicSupervisor.StartChild(supervisor, child);
        }

        return children;
    }

    private sealed class One : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) =>
            new(Strategy.OneForOne, [Child.Of<Worker>(argument)]) { Intensity = Any };
    }

    private sealed class Worker : GenServer<int>
    {
        protected override Started<int> Init(object? argument)
        {
            Send((Pid)argument!, Self);
            return 0;
        }
    }

    private sealed class Many : DynamicSupervisor
    {
        protected override DynamicSupervisorSpec Init(object? argument) => new() { Intensity = Any };
    }
}
