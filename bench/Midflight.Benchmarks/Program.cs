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

    // The first run of each only warms up.
    for (var run = -1; run < runs; run++)
    {
        var figure = 0.0;

        await using (var node = new Node())
        {
            await node.Run(async () => figure = await workload.Midflight());
        }

        Keep(midflight, figure);

        if (!alone && workload.Channels is { } plain)
        {
            Keep(channels, await plain());
        }

        if (workload.HasBeam && beam is not null)
        {
            Keep(onBeam, await beam.Run(workload.Name));
        }

        void Keep(List<double> figures, double value)
        {
            if (run >= 0)
            {
                figures.Add(value);
            }

            GC.Collect();
        }
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
