namespace Midflight;

/// <summary>The links of one process, and its monitors. Owner of the cell only.</summary>
/// <remarks>
/// Most processes have one link, to their supervisor, so a single link is kept without a collection.
/// </remarks>
internal struct Links
{
    // Null, a Cell, or a HashSet<Cell>.
    private object? _links;

    internal readonly bool IsEmpty => _links is null;

    internal readonly bool Contains(Cell cell) => _links switch
    {
        Cell one => one == cell,
        HashSet<Cell> many => many.Contains(cell),
        _ => false,
    };

    internal void Add(Cell cell)
    {
        switch (_links)
        {
            case null:
                _links = cell;
                break;
            case Cell one when one != cell:
                _links = new HashSet<Cell> { one, cell };
                break;
            case HashSet<Cell> many:
                many.Add(cell);
                break;
        }
    }

    internal bool Remove(Cell cell)
    {
        if (_links is HashSet<Cell> many)
        {
            return many.Remove(cell);
        }

        if (_links != cell)
        {
            return false;
        }

        _links = null;
        return true;
    }

    internal readonly IEnumerable<Cell> All() => _links switch
    {
        Cell one => [one],
        HashSet<Cell> many => many,
        _ => [],
    };

    internal void Clear() => _links = null;
}

/// <summary>The other end links itself to this process.</summary>
internal sealed class LinkSignal(Cell from, Cell to) : Signal
{
    internal override void Act(Cell cell) => cell.Links.Add(from);

    internal override void Undeliverable(ExitReason? reason) => from.Post(new ExitSignal(to, reason ?? ExitReason.NoProcess, link: true));
}

/// <summary>The other end removes the link.</summary>
internal sealed class UnlinkSignal(Cell from) : Signal
{
    internal override void Act(Cell cell) => cell.Links.Remove(from);
}

/// <summary>A process asks to be told when this one ends.</summary>
internal sealed class MonitorSignal(MonitorRef monitor) : Signal
{
    internal override void Act(Cell cell) => cell.Bonds.Watchers.Add(monitor);

    internal override void Undeliverable(ExitReason? reason) => monitor.Watcher.Post(new DownSignal(monitor, reason ?? ExitReason.NoProcess));
}

/// <summary>A process no longer asks.</summary>
internal sealed class DemonitorSignal(MonitorRef monitor) : Signal
{
    internal override void Act(Cell cell) => cell.Bonds.Watchers.Remove(monitor);
}

/// <summary>A monitored process has ended.</summary>
internal sealed class DownSignal(MonitorRef monitor, ExitReason reason) : Signal
{
    internal override void Act(Cell cell)
    {
        if (monitor.Active)
        {
            monitor.Stop();
            cell.Bonds.Watched.Remove(monitor);
            monitor.Ended(cell, reason);
        }
    }
}

/// <summary>An exit signal, from a link that ended or from <see cref="Process.Exit(Pid, ExitReason)"/>.</summary>
/// <param name="from">The process that ended or sent it; null if there was none.</param>
/// <param name="reason">Why.</param>
/// <param name="link">Whether it came through a link, which may have been removed since.</param>
internal sealed class ExitSignal(Cell? from, ExitReason reason, bool link) : Signal
{
    // If it does not trap exits: kill ends it as killed, normal from another process does nothing, anything else ends it.
    // If it traps exits: kill ends it as killed, anything else is a message; a signal from a behaviour's parent ends it.
    internal override void Act(Cell cell)
    {
        if (link && from is not null && !cell.Links.Remove(from))
        {
            return;
        }

        if (reason is ExitReason.KillReason && !link)
        {
            cell.Ending = ExitReason.Killed;
        }
        else if (cell.TrapsExits)
        {
            cell.Enqueue(new Message(new Exited(from is null ? default : new Pid(from), reason)));
        }
        else if (reason is not ExitReason.NormalReason || from == cell)
        {
            cell.Ending ??= reason;
        }
    }
}
