namespace Midflight;

/// <summary>The processes that one scheduler should run. Only the owner adds; others may take.</summary>
/// <remarks>
/// <para>
/// The process that was made ready last has a slot of its own and runs next, while its message is in the cache. It moves the previous one in the slot
/// to the ready ones, which run in order. Only a few newly spawned processes go before it: usually they wake the process that spawned
/// them, which then runs once for all of these messages instead of once for each.
/// </para>
/// <para>
/// Newly spawned processes run newest first: a tree of processes that spawn others runs depth first, so that only
/// a few of them are alive at once. The others in line take turns with them. A scheduler that steals takes the oldest,
/// from which the largest part of such a tree grows.
/// </para>
/// </remarks>
internal sealed class RunQueue
{
    private readonly RunRing _ready = new();
    private readonly RunRing _spawned = new();
    private NextPlace _next;

    // How many newly spawned processes may run before the next one.
    private const int MostAhead = 8;

    // Whose turn it is. Owner only.
    private bool _isTurnOfSpawned;
    private int _ahead;

    internal bool HasNext => !_next.IsEmpty;

    /// <summary>How many processes others may take; may be out of date. Any thread.</summary>
    internal int Count => _ready.Count + _spawned.Count;

    /// <summary>Makes a process the next one to run. Owner only.</summary>
    /// <returns>The process that it displaced.</returns>
    internal Cell? PutNext(Cell cell) => _next.Exchange(cell);

    /// <summary>Adds a process after the ready ones. Owner only.</summary>
    internal void Put(Cell cell) => _ready.Put(cell);

    /// <summary>Adds a process that has not run yet. Owner only.</summary>
    internal void PutSpawned(Cell cell) => _spawned.Put(cell);

    /// <summary>Takes the process to run now. Owner only.</summary>
    internal Cell? Take()
    {
        if (!_next.IsEmpty)
        {
            if (_ahead < MostAhead && _spawned.TakeNewest() is { } first)
            {
                _ahead++;
                return first;
            }

            _ahead = 0;

            if (TakeNext() is { } next)
            {
                return next;
            }
        }

        _isTurnOfSpawned = !_isTurnOfSpawned;
        return _isTurnOfSpawned ? _spawned.TakeNewest() ?? _ready.TakeOldest() : _ready.TakeOldest() ?? _spawned.TakeNewest();
    }

    /// <summary>Takes the process in the next slot, whatever else waits. Owner only.</summary>
    internal Cell? TakeNext() => _next.Exchange(null);

    /// <summary>Takes the process that has been ready longest, or else the one that was spawned first. Any thread.</summary>
    internal Cell? TakeOldest() => _ready.TakeOldest() ?? _spawned.TakeOldest();

    /// <summary>Takes the process that was spawned first. Any thread.</summary>
    internal Cell? TakeOldestSpawned() => _spawned.TakeOldest();

    /// <summary>Steals the process in the next slot from its owner, who is busy. Any thread.</summary>
    /// <returns>Null also if the owner is there at this moment.</returns>
    internal Cell? StealNext() => _next.Steal();
}
