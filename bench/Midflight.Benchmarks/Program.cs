using System.Diagnostics;
using Midflight;
using Midflight.Benchmarks;
using Midflight.Benchmarks.Workloads;

// dotnet run -c Release [--json] [--alone] [--runs N] [workload …]
//   --alone   without peers
//   workload  only those whose names begin so
Workload[] all = [.. Spawning.All, .. Messages.All, .. Servers.All, .. Supervision.All, .. Sockets.All, .. CodeVersions.All, .. WireForms.All, .. Upgrades.All, .. Web.All];

var json = args.Contains("--json");
var runs = 5;

if (Array.IndexOf(args, "--runs") is >= 0 and var at && (!int.TryParse(args.ElementAtOrDefault(at + 1), out runs) || runs < 1))
{
    Console.Error.WriteLine($"--runs takes a number from 1 on, not '{args.ElementAtOrDefault(at + 1)}'. Write --runs 3, say; without it there are 5.");
    return 2;
}

var only = args.Where((argument, index) => !argument.StartsWith('-') && (index == 0 || args[index - 1] != "--runs")).ToArray();
var alone = args.Contains("--alone");

if (args.FirstOrDefault(argument => argument.StartsWith('-') && argument is not ("--json" or "--runs" or "--alone")) is { } option)
{
    Console.Error.WriteLine($"There is no option {option}. Write [--json] [--alone] [--runs N] [workload …].");
    return 2;
}

if (only.FirstOrDefault(name => !all.Any(workload => workload.Name.StartsWith(name, StringComparison.Ordinal))) is { } unknown)
{
    Console.Error.WriteLine($"No workload begins with '{unknown}'. There are {string.Join(", ", all.Select(workload => workload.Name))}.");
    return 2;
}

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
    var onErlang = beam is null ? null : workload.Erlang ?? (workload.HasBeam ? () => beam.Run(workload.Name) : null);

    foreach (var side in new[] { onMidflight, onChannels, onErlang })
    {
        await WarmUp(side, workload.MostRuns == int.MaxValue ? TimeSpan.FromSeconds(2) : TimeSpan.Zero);
    }

    for (var run = 0; run < Math.Min(runs, workload.MostRuns); run++)
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

return 0;

static async Task Keep(List<double> figures, Func<Task<double>>? measure)
{
    if (measure is not null)
    {
        figures.Add(await measure());
        GC.Collect();
    }
}

// A service runs for weeks: what counts is the code that the JIT compiler arrives at, which takes it about a second of use.
static async Task WarmUp(Func<Task<double>>? measure, TimeSpan atLeast)
{
    var since = Stopwatch.GetTimestamp();

    do
    {
        await Keep([], measure);
    }
    while (measure is not null && Stopwatch.GetElapsedTime(since) < atLeast);
}
