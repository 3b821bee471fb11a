using Midflight.Host.Control.Requests;

namespace Midflight.Host.Observation;

/// <summary>Who has started whom, linked to itself: the supervision trees of a node. Waits for no process, so it may be a moment old.</summary>
internal sealed class ProcessTree
{
    private readonly int _width;
    private readonly ILookup<Cell, string> _names;

    // In the order of their numbers.
    private readonly Dictionary<Cell, List<Cell>> _children = [];
    private readonly List<Cell> _roots = [];

    internal ProcessTree(Node node, int width)
    {
        (_width, _names) = (width, node.Names.All.ToLookup(entry => entry.Value, entry => entry.Key));

        foreach (var cell in node.Processes.All())
        {
            if (cell.Parent is not { } parent)
            {
                _roots.Add(cell);
            }
            else if (_children.TryGetValue(parent, out var known))
            {
                known.Add(cell);
            }
            else
            {
                _children.Add(parent, [cell]);
            }
        }
    }

    internal TreeReply Look(Cell? root, int depth, int skip)
    {
        // Those with children first: of processes that nobody has started there may be many.
        var all = root is null ? [.. _roots.OrderByDescending(_children.ContainsKey).ThenBy(cell => cell.Number)] : ChildrenOf(root);
        var above = new List<TreeEntry>();

        // A tree of processes is as deep as somebody made it.
        for (var at = root; at is not null && above.Count < 100; at = at.Parent)
        {
            above.Add(Entry(at, 0));
        }

        return new([.. above], all.Count, [.. all.Skip(skip).Take(_width).Select(cell => Entry(cell, depth - 1))]);
    }

    private List<Cell> ChildrenOf(Cell cell) => _children.TryGetValue(cell, out var children) ? children : [];

    private TreeEntry Entry(Cell cell, int depth)
    {
        var children = ChildrenOf(cell);
        var body = cell.Body;
        return new(
            cell.Pid.ToString(),
            _names[cell].FirstOrDefault() ?? cell.Label,
            body?.ModuleName ?? "ended",
            body?.Version?.ToString(),
            children.Count,
            depth <= 0 ? [] : [.. children.OrderBy(child => child.Number).Take(_width).Select(child => Entry(child, depth - 1))]);
    }
}
