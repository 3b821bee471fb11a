namespace Midflight;

/// <summary>The processes that one scheduler is to run. Only the owner adds; others may take.</summary>
/// <remarks>
/// <para>
/// The one that was made ready last has a place of its own and runs next, while its message is in the cache; it displaces the one that was
/// there to those that are ready, who run in their order. Only a few that have just been spawned go ahead of it: mostly they wake who spawned
/// them, which then runs once for all of these messages instead of once for each.
/// </para>
/// <para>
/// Those that have just been spawned run newest first: a tree of processes that spawn others is gone through depth first, so that
/// a few of them live at once and not all. The others in line take turns with them, and schedulers that steal take the oldest,
/// from which the largest part of such a tree grows.
/// </para>
/// </remarks>
internal sealed class RunQueue
{
    private readonly RunRing _ready = new();
    private readonly RunRing _spawned = new();
    private NextPlace _next;

    // How many of those just spawned may run ahead of the one that runs next.
    private const int MostAhead = 8;

    // Whose turn it is. Owner only.
    private bool _isTurnOfSpawned;
    private int _ahead;

    internal bool HasNext => !_next.IsEmpty;

    /// <summary>How many there are that others may take; may be stale. Any thread.</summary>
    internal int Count => _ready.Count + _spawned.Count;

    /// <summary>Makes a process the next to run. Owner only.</summary>
    /// <returns>What it displaced.</returns>
    internal Cell? PutNext(Cell cell) => _next.Exchange(cell);

    /// <summary>Puts a process behind those that are ready. Owner only.</summary>
    internal void Put(Cell cell) => _ready.Put(cell);

    /// <summary>Adds a process that has not run yet. Owner only.</summary>
    internal void PutSpawned(Cell cell) => _spawned.Put(cell);

    /// <summary>Takes the one that is to run now. Owner only.</summary>
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

    /// <summary>Takes the one that is to run next, whoever waits besides. Owner only.</summary>
    internal Cell? TakeNext() => _next.Exchange(null);

    /// <summary>Takes the one that has been ready for longest, else the one that was spawned first. Any thread.</summary>
    internal Cell? TakeOldest() => _ready.TakeOldest() ?? _spawned.TakeOldest();

    /// <summary>Takes the one that was spawned first. Any thread.</summary>
    internal Cell? TakeOldestSpawned() => _spawned.TakeOldest();

    /// <summary>Takes the one that is to run next away from its owner, who is busy. Any thread.</summary>
    /// <returns>Null also where the owner is just there.</returns>
    internal Cell? StealNext() => _next.Steal();
}
