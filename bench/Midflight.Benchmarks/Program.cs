using System.Diagnostics;
using Midflight;
using Midflight.Benchmarks;
using Midflight.Benchmarks.Workloads;

// dotnet run -c Release [--json] [--alone] [--runs N] [workload …]
//   --alone   without peers
//   workload  only those whose names begin so
Workload[] all = [.. Spawning.All, .. Messages.All, .. Servers.All, .. Supervision.All, .. CodeVersions.All, .. Upgrades.All];

var json = args.Contains("--json");
var runs = Array.IndexOf(args, "--runs") is >= 0 and var at ? int.Parse(args[at + 1], System.Globalization.CultureInfo.InvariantCulture) : 5;
var only = args.Where((argument, index) => !argument.StartsWith('-') && (index == 0 || args[index - 1] != "--runs")).ToArray();
var alone = args.Contains("--alone");

using var beam = alone ? null : Beam.TryStart();
var table = new Table();

if (!json)
{
    Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}{(beam is null && !alone ? "; no erl here, so no BEAM" : "")}; medians of {runs} runs, those of the peers between ours.");
    Console.WriteLine(Table.Head);
}

foreach (var workload in all.Where(workload => only.Length == 0 || only.Any(name => workload.Name.StartsWith(name, StringComparison.Ordinal))))
{
    List<double> midflight = [], channels = [], onBeam = [];

    Func<Task<double>> onMidflight = async () =>
    {
        var figure = 0.0;

        await using (var node = new Node())
        {
            await node.Run(async () => figure = await workload.Midflight());
        }

        return figure;
    };
    var onChannels = alone ? null : workload.Channels;
    Func<Task<double>>? onErlang = workload.HasBeam && beam is not null ? () => beam.Run(workload.Name) : null;
    await WarmUp(onMidflight);
    await WarmUp(onChannels);
    await WarmUp(onErlang);

    for (var run = 0; run < runs; run++)
    {
        await Keep(midflight, onMidflight);
        await Keep(channels, onChannels);
        await Keep(onBeam, onErlang);
    }

    table.Add(workload, midflight, channels, onBeam);

    if (!json)
    {
        Console.WriteLine(table.Last);
    }
}

if (json)
{
    Console.WriteLine(table.ToJson());
}

static async Task Keep(List<double> figures, Func<Task<double>>? measure)
{
    if (measure is not null)
    {
        figures.Add(await measure());
        GC.Collect();
    }
}

// A service runs for weeks: what counts is the code that the JIT compiler arrives at, which takes it about a second of use.
static async Task WarmUp(Func<Task<double>>? measure)
{
    for (var since = Stopwatch.GetTimestamp(); measure is not null && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(2);)
    {
        await measure();
        GC.Collect();
    }
}
