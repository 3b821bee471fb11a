using System.Globalization;
using System.Text.Json;

namespace Midflight.Benchmarks;

/// <summary>What was measured: medians side by side, and how many times better Midflight is.</summary>
internal sealed class Table
{
    private readonly List<Row> _rows = [];

    internal sealed record Row(string Name, string Unit, double Midflight, double Min, double Max, double? Channels, double? Beam, double? OverChannels, double? OverBeam);

    internal void Add(Workload workload, IReadOnlyList<double> midflight, IReadOnlyList<double> channels, IReadOnlyList<double> beam)
    {
        var own = Median(midflight)!.Value;
        double? Over(double? peer) => peer is not { } value ? null : workload.MoreIsBetter ? own / value : value / own;
        _rows.Add(new(
            workload.Name, workload.Unit, own, midflight.Min(), midflight.Max(), Median(channels), Median(beam), Over(Median(channels)), Over(Median(beam))));
    }

    internal string Last => Line(_rows[^1]);

    internal static string Head =>
        $"{"workload",-20} {"unit",-10} {"Midflight",12} {"(min – max)",23} {"Channels",12} {"BEAM",12} {"× Channels",11} {"× BEAM",8}";

    internal string ToJson() => JsonSerializer.Serialize(_rows, Options);

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private static string Line(Row row) =>
        $"{row.Name,-20} {row.Unit,-10} {Show(row.Midflight),12} {$"({Show(row.Min)} – {Show(row.Max)})",23} {Show(row.Channels),12} {Show(row.Beam),12} {Show(row.OverChannels),11} {Show(row.OverBeam),8}";

    private static string Show(double? value) => value switch
    {
        null => "–",
        >= 1_000 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
    };

    private static double? Median(IReadOnlyList<double> values) => values.Count == 0 ? null : values.Order().ElementAt(values.Count / 2);
}
