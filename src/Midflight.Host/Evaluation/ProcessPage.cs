using Midflight.Host.Control.Requests;

namespace Midflight.Host.Evaluation;

/// <summary>A page of the processes of a node: filtered, ranked and cut out where they are, so that only what is shown is described.</summary>
internal static class ProcessPage
{
    /// <summary>Looks at the processes of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="by">By what they are ranked, most first; null for the order of their numbers.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="skip">How many of the first are left out.</param>
    /// <param name="filter">What pid, module, version, name or label have in them, in whatever case; null for all.</param>
    internal static ProcessesReply Look(Node node, ProcessOrder? by, int count, int skip = 0, string? filter = null)
    {
        var names = node.Names.All.ToLookup(entry => entry.Value, entry => entry.Key);
        var all = node.Processes.All();
        var total = all.Count;

        if (!string.IsNullOrWhiteSpace(filter))
        {
            all.RemoveAll(cell => !Fits(cell, names[cell], filter.Trim()));
        }

        // Read once: what an order looks at must not change under it.
        var keys = new long[all.Count];
        var cells = all.ToArray();

        for (var i = 0; i < cells.Length; i++)
        {
            keys[i] = by switch
            {
                null => cells[i].Number,
                ProcessOrder.Queue => -cells[i].QueueLength(),
                ProcessOrder.Reductions => -cells[i].Reductions,
                ProcessOrder.Memory => -StateSize.Of(cells[i].Body?.State),
                _ => throw new ArgumentOutOfRangeException(nameof(by), by, "There is no such order."),
            };
        }

        Array.Sort(keys, cells);
        return new(
            total,
            [.. cells.Skip(skip).Select(cell => NodeMonitor.Snapshot(cell, [.. names[cell]], by == ProcessOrder.Memory)).OfType<ProcessSnapshot>().Take(count).Select(Row)],
            cells.Length);
    }

    internal static ProcessRow Row(ProcessSnapshot process) => new(
        process.Pid.ToString(),
        [.. process.Names],
        process.Module,
        process.Version,
        process.Activity.ToString().ToLowerInvariant(),
        process.Function,
        process.QueueLength,
        process.Reductions,
        process.StateBytes);

    private static bool Fits(Cell cell, IEnumerable<string> names, string filter)
    {
        bool Has(string? text) => text?.Contains(filter, StringComparison.OrdinalIgnoreCase) is true;
        return cell.Body is { } body && (Has(body.ModuleName) || Has($"<{cell.Number}>") || Has(cell.Label) || Has(body.Version?.ToString()) || names.Any(Has));
    }
}
