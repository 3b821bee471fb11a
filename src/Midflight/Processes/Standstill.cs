namespace Midflight;

/// <summary>Lets processes that should be suspended together become idle, although they wait for one another.</summary>
/// <remarks>
/// <para>
/// A process is asked to suspend by a message, and suspends when its turn comes. A process in the middle of a callback may wait for another that is
/// already suspended. Then that one continues, in the order of its mailbox, until no working process waits for it. Who waits for whom:
/// </para>
/// <code>
/// asked, not yet idle ──▶ working ── suspended ──▶ idle ── a call of a working process waits here, or is owed a reply ──▶ working
/// not asked, and a working process waits for its reply ──▶ counts as working until that has come
/// </code>
/// <para>
/// A process that has become idle stays so unless a working process needs it, and only working processes make new calls. So it ends as soon as the callbacks
/// that were in progress end, and those that they wait for.
/// </para>
/// <para>
/// Interleaving: one lock guards both decisions, whether a working process needs a process and whether all are idle. A process that continues counts as working
/// from that moment. So nobody starts a message once <see cref="TryClose"/> has returned true.
/// </para>
/// </remarks>
internal sealed class Standstill
{
    private readonly Lock _lock = new();

    // Those asked to suspend, or suspended and continuing.
    private readonly HashSet<Cell> _atWork = [];

    // Those not asked, for which a working process waits, with the search that found it.
    private readonly Dictionary<Cell, int> _awaited = [];
    private int _look;
    private bool _closed;

    /// <summary>A process was not idle, and is about to be asked.</summary>
    internal void Asked(Cell cell)
    {
        lock (_lock)
        {
            _atWork.Add(cell);
        }
    }

    /// <summary>A process is idle, or has ended.</summary>
    internal void Rests(Cell cell)
    {
        lock (_lock)
        {
            _atWork.Remove(cell);
        }
    }

    /// <summary>Whether a suspended process should handle its oldest message. Owner only. If so, it is working until it says otherwise.</summary>
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

    /// <summary>Closes if nobody is working: from here on nobody starts a message.</summary>
    internal bool TryClose()
    {
        lock (_lock)
        {
            _atWork.RemoveWhere(static cell => cell.IsDead);
            return _closed |= _atWork.Count == 0;
        }
    }

    /// <summary>Lets nobody continue any more, whoever is working.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }

    /// <summary>The processes asked to suspend that have not become idle, or that continue.</summary>
    internal List<Cell> AtWork()
    {
        lock (_lock)
        {
            return [.. _atWork];
        }
    }

    /// <summary>Finds out for whom the working processes wait, also through others, and lets those of them continue that are suspended.</summary>
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

        // The calls of a process belong to it. A process that keeps its thread waits for nobody who would have to continue.
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
            // Found on the way from a working process; valid only while that one is working.
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

        // It checks its mailbox by itself when it gets a signal.
        server.Post(new Access(static _ => { }));
    }
}
