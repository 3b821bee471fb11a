using System.Globalization;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>The table of processes that <c>ps()</c> shows.</summary>
internal static class ProcessList
{
    // More is no help to a reader; the busiest come first then.
    private const int MostRows = 200;

    internal static string Of(Node node)
    {
        var names = node.Names.All.ToLookup(entry => entry.Value, entry => entry.Key);
        var rows = node.Processes.All()
            .Select(cell => (Cell: cell, Queue: cell.QueueLength()))
            .ToList();
        var shown = rows.Count <= MostRows
            ? rows.OrderBy(row => row.Cell.Number)
            : rows.OrderByDescending(row => row.Queue).ThenBy(row => row.Cell.Number).Take(MostRows);
        string[][] table =
        [
            ["pid", "name", "module", "version", "queue", "state"],
            .. shown.Select(row => Row(row.Cell, row.Queue, string.Join(' ', names[row.Cell]))),
        ];
        var widths = Enumerable.Range(0, table[0].Length).Select(column => table.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();

        foreach (var row in table)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return text.Append(rows.Count > MostRows
            ? string.Create(CultureInfo.InvariantCulture, $"{rows.Count} processes, of which the {MostRows} busiest are shown")
            : string.Create(CultureInfo.InvariantCulture, $"{rows.Count} processes")).ToString();
    }

    // The body may end while it is looked at.
    private static string[] Row(Cell cell, int queue, string names)
    {
        var body = cell.Body;
        var version = body?.Version;
        return
        [
            cell.Pid.ToString(),
            names,
            body?.ModuleName ?? "",
            version is null ? "" : $"{version.Release} (#{version.Number})",
            queue.ToString(CultureInfo.InvariantCulture),
            cell.Suspended ? "suspended" : cell.Busy ? "awaits" : "",
        ];
    }
}
