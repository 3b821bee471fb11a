using System.Collections.Concurrent;

namespace Midflight;

/// <summary>The groups of one scope. Reading takes no lock. Changes take turns, so that every monitor sees the same order of changes.</summary>
internal sealed class ProcessGroups
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Membership, Pid>> _groups = new();

    // Owned by the lock.
    private readonly HashSet<GroupMonitor> _monitors = [];

    internal IReadOnlyList<string> Names => [.. _groups.Keys];

    internal static ProcessGroups Of(string scope) => Node.Current.Groups.GetOrAdd(scope, static _ => new());

    internal IReadOnlyList<Pid> Members(string group) => _groups.TryGetValue(group, out var members) ? [.. members.Values] : [];

    internal void Join(string group, Cell process)
    {
        var membership = new Membership(this, group, process);

        // As its owner, so that it cannot end in between. It may already be ending.
        if (process == Cell.Current)
        {
            Enter(membership);
        }
        else
        {
            lock (_lock)
            {
                Add(membership);
            }

            process.Do(owner => Own(owner, membership), _ => membership.Dispose());
        }
    }

    private void Enter(Membership membership)
    {
        lock (_lock)
        {
            Add(membership);
        }

        membership.Process.Bonds.Owned.Add(membership);
    }

    // It may have left since then.
    private void Own(Cell owner, Membership membership)
    {
        if (_groups.TryGetValue(membership.Group, out var members) && members.ContainsKey(membership))
        {
            owner.Bonds.Owned.Add(membership);
        }
    }

    private void Add(Membership membership)
    {
        _groups.GetOrAdd(membership.Group, static _ => new())[membership] = membership.Process.Pid;
        Tell(membership, joined: true);
    }

    internal bool Leave(string group, Cell process)
    {
        Membership? left;

        lock (_lock)
        {
            left = _groups.TryGetValue(group, out var members) ? members.Keys.FirstOrDefault(member => member.Process == process) : null;

            if (left is null || !Remove(left))
            {
                return false;
            }
        }

        process.Do(owner => owner.Bonds.Owned.Remove(left));
        return true;
    }

    private bool Remove(Membership membership)
    {
        if (!_groups.TryGetValue(membership.Group, out var members) || !members.TryRemove(membership, out _))
        {
            return false;
        }

        if (members.IsEmpty)
        {
            _groups.TryRemove(membership.Group, out _);
        }

        Tell(membership, joined: false);
        return true;
    }

    private void Tell(Membership membership, bool joined)
    {
        foreach (var monitor in _monitors)
        {
            if (monitor.Group is null || monitor.Group == membership.Group)
            {
                monitor.Watcher.Send(new GroupChange(monitor, membership.Group, membership.Process.Pid, joined));
            }
        }
    }

    internal (GroupMonitor, IReadOnlyList<Pid>) Monitor(string group, Cell watcher)
    {
        lock (_lock)
        {
            return (Add(new GroupMonitor(this, watcher, group)), Members(group));
        }
    }

    internal (GroupMonitor, IReadOnlyDictionary<string, IReadOnlyList<Pid>>) MonitorAll(Cell watcher)
    {
        lock (_lock)
        {
            return (Add(new GroupMonitor(this, watcher, null)), _groups.ToDictionary(group => group.Key, group => Members(group.Key)));
        }
    }

    private GroupMonitor Add(GroupMonitor monitor)
    {
        _monitors.Add(monitor);
        monitor.Watcher.Bonds.Owned.Add(monitor);
        return monitor;
    }

    internal void Demonitor(GroupMonitor monitor)
    {
        lock (_lock)
        {
            _monitors.Remove(monitor);
        }
    }

    private sealed class Membership(ProcessGroups groups, string group, Cell process) : IDisposable
    {
        internal string Group => group;

        internal Cell Process => process;

        public void Dispose()
        {
            lock (groups._lock)
            {
                groups.Remove(this);
            }
        }
    }
}
