namespace Midflight;

/// <summary>The place of the process that a scheduler runs next. The owner exchanges it without an interlocked instruction; others steal from it, rarely.</summary>
/// <remarks>
/// <para>
/// The two exclude each other as in Dekker's algorithm: each says that it is there, then looks whether the other is.
/// </para>
/// <code>
/// owner: say so ── look: a thief? ── exchange, or wait until it has gone
/// thief: say so ── barrier of the whole process ── look: the owner? ── take, or go with nothing
/// </code>
/// <para>
/// The owner has no fence between its two. The thief's barrier is one for the owner's processor as well: what the owner said before it
/// is seen by the thief, and an owner who looks after it sees the thief.
/// </para>
/// </remarks>
internal struct NextPlace
{
    private Cell? _cell;
    private bool _isOwnerHere;
    private bool _isThiefHere;

    /// <summary>Whether nobody is there; may be stale to all but the owner.</summary>
    internal readonly bool IsEmpty => Volatile.Read(in _cell) is null;

    /// <summary>Puts a process there, or none. Owner only.</summary>
    /// <returns>Who was there.</returns>
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

    /// <summary>Takes away who is there. Any thread.</summary>
    /// <returns>Null also where the owner or another thief is there just now.</returns>
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
