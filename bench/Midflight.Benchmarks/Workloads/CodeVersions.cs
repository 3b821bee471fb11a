using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Benchmarks.Workloads;

/// <summary>Loading and unloading code versions, moving servers between them, and the speed of code by how it is kept.</summary>
internal static class CodeVersions
{
    internal static readonly Workload[] All =
    [
        new("reload", "ms", Reload) { HasBeam = true },
        new("purge_100k", "ms", Purge) { HasBeam = true },
        new("code-load", "ms", () => Load(KeepMode.Unloadable)),
        new("code-load-retained", "ms", () => Load(KeepMode.Retained)),
        new("code-unload", "ms", Unload),
        new("code-move-server", "ns", Move),
        new("code-call-unloadable", "ns", () => Call(KeepMode.Unloadable)),
        new("code-call-retained", "ns", () => Call(KeepMode.Retained)),
        new("code-loop-unloadable", "ns", () => Loop(KeepMode.Unloadable)),
        new("code-loop-retained", "ns", () => Loop(KeepMode.Retained)),
    ];

    // A server of three members that gains one, with a handler that computes something.
    private static readonly AssemblyImage s_one = Compile("");
    private static readonly AssemblyImage s_two = Compile(", int Asked = 0");

    internal static ApplicationImage Image(int turn, KeepMode keep) =>
        new("counter", $"0.{turn}.0", [turn % 2 == 0 ? s_one : s_two]) { Keep = keep };

    private static AssemblyImage Compile(string member)
    {
        var source = $$"""
            using Midflight;
            public sealed record Count(int Value, string Name, long Total{{member}});

            public sealed class Counter : GenServer<Count>
            {
                protected override Started<Count> Init(object? argument) => new Count(0, "counter", 0);

                protected override Answer<Count> HandleCall(object request, Count state) => request is int loops
                    ? Reply(Sum(loops), state)
                    : Reply(state.Value, state with { Value = state.Value + 1, Total = state.Total + state.Value });

                private static long Sum(int loops)
                {
                    var sum = 0L;
                    for (var i = 0; i < loops; i++) sum += i.ToString().Length;
                    return sum;
                }
            }
            """;
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is "Midflight.dll" or "System.Runtime.dll" or "System.Private.CoreLib.dll")
            .Select(file => MetadataReference.CreateFromFile(file));
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create(
            "counter",
            [CSharpSyntaxTree.ParseText(source)],
            references,
            new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable)).Emit(image);
        Workload.Require(result.Success);
        return AssemblyImage.Of(image.ToArray());
    }

    // Checked, compiled and current; the version before the last is purged before, which is not counted.
    private static async Task<double> Reload()
    {
        const int Times = 200;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();
        var counter = await GenServer.Start(code.FindModule("Counter")!);
        var took = new double[Times];

        for (var turn = 1; turn <= Times; turn++)
        {
            Workload.Require((await code.Purge("counter", PurgeMethod.Soft)).Purged);
            var since = Stopwatch.GetTimestamp();
            (await code.Load([Image(turn, KeepMode.Unloadable)], purge: null)).OrThrow();
            took[turn - 1] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            Workload.Require(await GenServer.Call<int>(counter, "add") == turn - 1);
        }

        Array.Sort(took);
        return took[Times / 2];
    }

    // While 100,000 processes live, none of them in the old code.
    private static async Task<double> Purge()
    {
        const int Processes = 100_000;
        const int Times = 10;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();
        var pids = new Pid[Processes];

        for (var i = 0; i < Processes; i++)
        {
            pids[i] = Process.Spawn(static async () => await Process.Receive());
        }

        var total = TimeSpan.Zero;

        for (var turn = 1; turn <= Times; turn++)
        {
            (await code.Load([Image(turn, KeepMode.Unloadable)], purge: null)).OrThrow();
            var since = Stopwatch.GetTimestamp();
            Workload.Require((await code.Purge("counter", PurgeMethod.Soft)).Purged);
            total += Stopwatch.GetElapsedTime(since);
        }

        foreach (var pid in pids)
        {
            Process.Exit(pid, ExitReason.Kill);
        }

        return total.TotalMilliseconds / Times;
    }

    // Prepared, compiled, current, and its first call answered.
    private static async Task<double> Load(KeepMode keep)
    {
        const int Times = 20;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, keep)], PurgeMethod.Soft)).OrThrow();
        var counter = await GenServer.Start(code.FindModule("Counter")!);
        var since = Stopwatch.GetTimestamp();

        for (var turn = 1; turn <= Times; turn++)
        {
            (await code.Load([Image(turn, keep)], PurgeMethod.Soft)).OrThrow();
            Workload.Require(await GenServer.Call<int>(counter, "add") == turn - 1);
        }

        return Workload.Each(since, Times) / 1e6;
    }

    // From the purge to the proof that the memory went.
    private static async Task<double> Unload()
    {
        const int Times = 10;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();
        var total = TimeSpan.Zero;

        for (var turn = 1; turn <= Times; turn++)
        {
            (await code.Load([Image(turn, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();
            var since = Stopwatch.GetTimestamp();
            var purged = await code.Purge("counter", PurgeMethod.Soft);
            Workload.Require(purged.Prove(Node.Current).All(report => report.Unloaded));
            total += Stopwatch.GetElapsedTime(since);
        }

        return total.TotalMilliseconds / Times;
    }

    // The account moves every server that rests: conversion of its state and all.
    private static async Task<double> Move()
    {
        const int Servers = 100_000;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();

        for (var i = 0; i < Servers; i++)
        {
            await GenServer.Start(code.FindModule("Counter")!);
        }

        (await code.Load([Image(1, KeepMode.Unloadable)], PurgeMethod.Soft)).OrThrow();
        var since = Stopwatch.GetTimestamp();
        Workload.Require((await code.Purge("counter", PurgeMethod.Soft)).Purged);
        return Workload.Each(since, Servers);
    }

    private static async Task<double> Call(KeepMode keep)
    {
        const int Calls = 1_000_000;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, keep)], PurgeMethod.Soft)).OrThrow();
        var counter = await GenServer.Start(code.FindModule("Counter")!);
        await Warm(async () => await GenServer.Call<int>(counter, "add"));
        var since = Stopwatch.GetTimestamp();

        for (var i = 0; i < Calls; i++)
        {
            await GenServer.Call<int>(counter, "add");
        }

        return Workload.Each(since, Calls);
    }

    // Retained code begins in the JIT's lowest tier; its figure is that of the tier which it reaches after about a second of use.
    private static async Task Warm(Func<Task> call)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(1.5);)
        {
            await call();
        }
    }

    private static async Task<double> Loop(KeepMode keep)
    {
        const int Loops = 2_000_000;
        var code = new CodeServer(Node.Current, Conversions.For);
        (await code.Load([Image(0, keep)], PurgeMethod.Soft)).OrThrow();
        var counter = await GenServer.Start(code.FindModule("Counter")!);
        await Warm(async () => await GenServer.Call<long>(counter, 1_000));
        var since = Stopwatch.GetTimestamp();
        await GenServer.Call<long>(counter, Loops);
        return Workload.Each(since, Loops);
    }
}
