using System.Globalization;
using Midflight.Host.Control.Requests;

namespace Midflight.Host.Evaluation;

/// <summary>The table of processes that <c>ps()</c> and the command <c>processes</c> show.</summary>
internal static class ProcessList
{
    // More is no help to a reader; those with the longest queues come first then.
    private const int MostRows = 200;

    internal static string Of(Node node, ProcessOrder? by)
    {
        var order = by ?? (node.ProcessCount > MostRows ? ProcessOrder.Queue : null);
        return string.Join('\n', Lines(ProcessPage.Look(node, order, MostRows)));
    }

    internal static IEnumerable<string> Lines(ProcessesReply reply)
    {
        string[][] table =
        [
            ["pid", "name", "module", "version", "queue", "reductions", "memory", "activity", "function"],
            .. reply.Processes.Select(process => new[]
            {
                process.Pid,
                string.Join(' ', process.Names),
                process.Module,
                process.Version ?? "",
                Number(process.Queue),
                Number(process.Reductions),
                process.Memory is { } bytes ? Number(bytes) : "",
                process.Activity,
                process.Function ?? "",
            }),
        ];
        var widths = Enumerable.Range(0, table[0].Length).Select(column => table.Max(row => row[column].Length)).ToArray();

        foreach (var row in table)
        {
            yield return string.Join("  ", row.Select((cell, column) => column is >= 4 and <= 6 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd();
        }

        yield return reply.Total > reply.Processes.Length
            ? $"{Number(reply.Total)} processes, of which {Number(reply.Processes.Length)} are shown"
            : $"{Number(reply.Total)} processes";
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
