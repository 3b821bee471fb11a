using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>What a rehearsal has for what stayed in the node that a snapshot is of: pids of processes that do nothing, and references that lead nowhere.</summary>
/// <param name="node">A node that runs nothing else.</param>
internal sealed class StandIns(Node node) : WireReferences
{
    private readonly Dictionary<long, Pid> _pids = [];

    /// <inheritdoc/>
    public override object? Find(Type type, long number, string name) =>
        type == typeof(Pid) ? Of(number)

        // Each is a key of its own, as it was there.
        : type.Assembly == typeof(Pid).Assembly && type is { IsClass: true, IsAbstract: false } ? RuntimeHelpers.GetUninitializedObject(type)
        : null;

    /// <summary>The pid that stands for a number, the same for the same.</summary>
    internal Pid Of(long number)
    {
        if (number == 0)
        {
            return default;
        }

        if (!_pids.TryGetValue(number, out var pid))
        {
            _pids.Add(number, pid = new Cell(node, null).Pid);
        }

        return pid;
    }
}
