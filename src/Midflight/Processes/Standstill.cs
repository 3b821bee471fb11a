namespace Midflight;

/// <summary>Lets the processes that are to be suspended together come to rest, although they wait for one another.</summary>
/// <remarks>
/// <para>
/// A process is asked to stop by a message, and stops when its turn comes. One in the middle of a callback may wait for another that stands still
/// already: then that one goes on, in the order of its mailbox, until nobody at work waits for it. Who waits for whom:
/// </para>
/// <code>
/// asked, not yet at rest ──▶ at work ── suspended ──▶ at rest ── a call of one at work waits here, or is owed a reply ──▶ at work
/// not asked, and one at work waits for its reply ──▶ counts as at work until that has come
/// </code>
/// <para>
/// What comes to rest stays so unless one at work needs it, and only who is at work makes new calls. So it ends as soon as the callbacks end
/// that were under way, and those which they wait for.
/// </para>
/// <para>
/// Interleaving: whether one at work needs a process and whether all are at rest are decided under one lock, and who goes on is at work
/// from that moment. So nobody begins a message any more once <see cref="TryClose"/> was true.
/// </para>
/// </remarks>
internal sealed class Standstill
{
    private readonly Lock _lock = new();

    // Those asked to stop, or suspended and going on.
    private readonly HashSet<Cell> _atWork = [];

    // Those not asked, for which one at work waits, with the look that found it out.
    private readonly Dictionary<Cell, int> _awaited = [];
    private int _look;
    private bool _closed;

    /// <summary>A process did not rest, and is about to be asked.</summary>
    internal void Asked(Cell cell)
    {
        lock (_lock)
        {
            _atWork.Add(cell);
        }
    }

    /// <summary>A process is at rest, or has ended.</summary>
    internal void Rests(Cell cell)
    {
        lock (_lock)
        {
            _atWork.Remove(cell);
        }
    }

    /// <summary>Whether a suspended process is to handle its oldest message. Owner only. If so it is at work until it says otherwise.</summary>
    internal bool GoesOn(Cell cell)
    {
        lock (_lock)
        {
            if (_closed || !cell.InStandstill || !cell.HasMessages || !IsNeeded(cell))
            {
                _atWork.Remove(cell);
                return false;
            }

            _atWork.Add(cell);
            return true;
        }
    }

    private bool IsNeeded(Cell cell)
    {
        if (_atWork.Count == 0 && _awaited.Count == 0)
        {
            return false;
        }

        foreach (var envelope in cell.Mailbox.All())
        {
            if (envelope is PendingCall { Content: not SystemRequest } call && IsAwaitedBy(call))
            {
                return true;
            }
        }

        return cell.Owes(IsAwaitedBy);
    }

    private bool IsAwaitedBy(PendingCall call) => !call.IsReply && call.Caller is { } caller
        && (_atWork.Contains(caller) || (_awaited.TryGetValue(caller, out var seen) && _look - seen < 2));

    /// <summary>Nobody at work any more: from here on none begins a message.</summary>
    internal bool TryClose()
    {
        lock (_lock)
        {
            _atWork.RemoveWhere(static cell => cell.IsDead);
            return _closed |= _atWork.Count == 0;
        }
    }

    /// <summary>Lets nobody go on any more, whoever is at work.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }

    /// <summary>Those asked to stop that have not come to rest, or go on.</summary>
    internal List<Cell> AtWork()
    {
        lock (_lock)
        {
            return [.. _atWork];
        }
    }

    /// <summary>Looks for whom those at work wait, through others too, and lets those go on that are suspended.</summary>
    internal void Look()
    {
        List<Cell> from;

        lock (_lock)
        {
            _look++;
            from = [.. _atWork, .. _awaited.Where(pair => _look - pair.Value < 2).Select(pair => pair.Key)];

            foreach (var (cell, _) in _awaited.Where(pair => _look - pair.Value >= 2).ToList())
            {
                _awaited.Remove(cell);
            }
        }

        // The calls of a process are its own. One that keeps its thread waits for nobody who would have to go on.
        from.ForEach(cell => cell.Do(owner =>
        {
            foreach (var server in owner.Calls.Servers())
            {
                Awaited(owner, server);
            }
        }));
    }

    private void Awaited(Cell caller, Cell server)
    {
        lock (_lock)
        {
            // Found on the way from one at work only as long as that is at work.
            if (_closed || _atWork.Contains(server) || !(_atWork.Contains(caller) || _awaited.ContainsKey(caller)))
            {
                return;
            }

            if (!server.Suspended)
            {
                _awaited[server] = _look;
                return;
            }
        }

        // It looks into its mailbox by itself when it gets a signal.
        server.Post(new Access(static _ => { }));
    }
}
