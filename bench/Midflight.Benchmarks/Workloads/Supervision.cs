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
        var child = Child.Of<Counter>() with { Shutdown = Shutdown.Brutal };
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            await DynamicSupervisor.StartChild(supervisor, child);
        }

        return N / Stopwatch.GetElapsedTime(start).TotalSeconds;
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
