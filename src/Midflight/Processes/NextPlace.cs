namespace Midflight;

/// <summary>The slot for the process that a scheduler runs next. The owner exchanges it without an interlocked instruction; others steal from it, rarely.</summary>
/// <remarks>
/// <para>
/// The two exclude each other as in Dekker's algorithm: each announces itself, then checks for the other.
/// </para>
/// <code>
/// owner: announce ── check: a thief? ── exchange, or wait until it has gone
/// thief: announce ── process-wide barrier ── check: the owner? ── take, or leave with nothing
/// </code>
/// <para>
/// The owner has no fence between its two steps. The thief's barrier also covers the owner's processor: the thief sees
/// what the owner announced before it, and an owner that checks after it sees the thief.
/// </para>
/// </remarks>
internal struct NextPlace
{
    private Cell? _cell;
    private bool _isOwnerHere;
    private bool _isThiefHere;

    /// <summary>Whether it is empty; may be out of date for all but the owner.</summary>
    internal readonly bool IsEmpty => Volatile.Read(in _cell) is null;

    /// <summary>Puts a process there, or none. Owner only.</summary>
    /// <returns>The previous process.</returns>
    internal Cell? Exchange(Cell? cell)
    {
        var wait = default(SpinWait);

        while (true)
        {
            Volatile.Write(ref _isOwnerHere, true);

            if (!Volatile.Read(ref _isThiefHere))
            {
                var was = _cell;
                _cell = cell;
                Volatile.Write(ref _isOwnerHere, false);
                return was;
            }

            Volatile.Write(ref _isOwnerHere, false);
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Steals the process. Any thread.</summary>
    /// <returns>Null also if the owner or another thief is there at this moment.</returns>
    internal Cell? Steal()
    {
        if (IsEmpty || Interlocked.Exchange(ref _isThiefHere, true))
        {
            return null;
        }

        Interlocked.MemoryBarrierProcessWide();
        Cell? stolen = null;

        if (!Volatile.Read(ref _isOwnerHere))
        {
            stolen = _cell;
            _cell = null;
        }

        Volatile.Write(ref _isThiefHere, false);
        return stolen;
    }
}
