using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Conversion, and the switch of many servers under way.</summary>
internal static class Upgrades
{
    private static readonly ApplicationImage s_v1 = Version(1, "string Name, int Count");
    private static readonly ApplicationImage s_v2 = Version(2, "string Name, int Count, string Tag = \"migrated\"");

    internal static readonly Workload[] All =
    [
        new("conversion", "ns", Conversion),
        new("switch_10k", "ms", () => Switch(10_000)) { HasBeam = true },
        new("switch_100k", "ms", () => Switch(100_000)) { HasBeam = true },
        new("switch_1m", "ms", () => Switch(1_000_000)) { HasBeam = true, MostRuns = 1 },
        new("slowest_call_10k", "ms", () => SlowestCall(10_000)) { HasBeam = true },
        new("slowest_call_100k", "ms", () => SlowestCall(100_000)) { HasBeam = true },
    ];

    private static ApplicationImage Version(int version, string members) => Host.Tests.Compile.Application(
        "bench",
        $$"""
        public sealed record State({{members}});

        public sealed record Four(string Name, int Count, long Total, string City);

        public sealed class Switched : GenServer<State>
        {
            public static ValueTask<Pid> Begin() => Start<Switched>();

            protected override Started<State> Init(object? argument) => new State("x", 0);

            protected override Answer<State> HandleCall(object request, State state) => request is "version"
                ? Reply({{version}}, state)
                : Reply(state.Count + 1, state with { Count = state.Count + 1 });
        }
        """,
        $"{version}");

    // A record of four members, from one version to the other, one value after the other.
    private static async Task<double> Conversion()
    {
        const int N = 1_000_000;
        var code = await Loaded();
        var four = Activator.CreateInstance(code.FindModule("Four")!, "name", 1, 2L, "city")!;
        (await code.Load([s_v2], PurgeMethod.Soft)).OrThrow();
        var target = code.Find("bench")!.Current!.Version;
        var type = code.FindModule("Four")!;
        var start = Stopwatch.GetTimestamp();

        for (var i = 0; i < N; i++)
        {
            target.Incoming!.Convert(four, type);
        }

        return Workload.Each(start, N);
    }

    private static async Task<double> Switch(int servers)
    {
        var (code, pids) = await Servers(servers);
        var change = await Prepared(code);
        var start = Stopwatch.GetTimestamp();
        await change.Run();
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        await Check(pids);
        return milliseconds;
    }

    // 2,000 calls a second to random servers; from the moment at which each was due.
    private static async Task<double> SlowestCall(int servers)
    {
        var (code, pids) = await Servers(servers);
        var change = await Prepared(code);
        var stop = false;
        var slowest = 0.0;
        var caller = Process.SpawnMonitor(async () =>
        {
            var random = new Random(1);
            var began = Stopwatch.GetTimestamp();

            for (var due = TimeSpan.Zero; !Volatile.Read(ref stop); due += TimeSpan.FromMicroseconds(500))
            {
                while (Stopwatch.GetElapsedTime(began) < due)
                {
                    await Process.Receive(TimeSpan.Zero);
                }

                await GenServer.Call<int>(pids[random.Next(pids.Length)], "add");
                slowest = Math.Max(slowest, (Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds);
            }
        }).Monitor;

        await Process.Receive(TimeSpan.FromMilliseconds(200));
        Volatile.Write(ref slowest, 0);
        await change.Run();
        await Process.Receive(TimeSpan.FromMilliseconds(50));
        Volatile.Write(ref stop, true);
        await Process.Receive<Down>(down => down.Ref == caller);
        await Check(pids);
        return slowest;
    }

    private static async Task<CodeServer> Loaded()
    {
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([s_v1], PurgeMethod.Soft)).OrThrow();
        return code;
    }

    private static async Task<(CodeServer, Pid[])> Servers(int count)
    {
        var code = await Loaded();
        var begin = code.FindModule("Switched")!.GetMethod("Begin")!.CreateDelegate<Func<ValueTask<Pid>>>();
        var pids = new Pid[count];

        for (var i = 0; i < count; i++)
        {
            pids[i] = await begin();
        }

        return (code, pids);
    }

    // What is done before anything is suspended: load, compile, rehearse.
    private static async Task<Host.Switch> Prepared(CodeServer code)
    {
        var flip = new PreparedFlip(code, (await code.Prepare([s_v2])).OrThrow());
        ImmutableArray<LowLevel> script =
        [
            new LowLevel.PointOfNoReturn(),
            new LowLevel.Suspend([new("Switched", SuspendTimeout.Default)]),
            new LowLevel.Load("Switched"),
            new LowLevel.CodeChange(ChangeMode.Up, [new("Switched", JsonElement.Parse("[]"))]),
            new LowLevel.Resume(["Switched"]),
        ];
        Workload.Require((await Rehearsal.Run(Node.Current, flip, script, TimeSpan.FromSeconds(5))).Refusal is null);
        return new(Node.Current, flip, script, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), new NoCalls());
    }

    private static async Task Check(Pid[] pids)
    {
        foreach (var pid in pids)
        {
            Workload.Require(await GenServer.Call<int>(pid, "version") == 2);
        }
    }

    private sealed class NoCalls : IScriptCalls
    {
        public Task Meet(string meeting, SyncedNodes nodes) => Task.CompletedTask;

        public Task<Func<Task>?> Carry(FunctionCall call) => Task.FromResult<Func<Task>?>(null);

        public Task<Func<Task>?> Reconfigure() => Task.FromResult<Func<Task>?>(null);
    }
}
