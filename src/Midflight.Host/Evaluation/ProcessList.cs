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
        return string.Join('\n', Lines(Look(node, order, MostRows)));
    }

    /// <summary>Looks at the processes of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="by">By what they are ranked; null for the order of their numbers.</param>
    /// <param name="count">The most processes to show.</param>
    internal static ProcessesReply Look(Node node, ProcessOrder? by, int count)
    {
        var shown = by is { } order ? node.Monitor.Top(order, count) : node.Monitor.Processes().Take(count);
        return new(node.ProcessCount, [.. shown.Select(process => new ProcessRow(
            process.Pid.ToString(),
            [.. process.Names],
            process.Module,
            process.Version,
            process.Activity.ToString().ToLowerInvariant(),
            process.Function,
            process.QueueLength,
            process.Reductions,
            process.StateBytes))]);
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
