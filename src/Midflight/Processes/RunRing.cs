using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>Up to 256 processes in line: one thread, the owner, adds and takes at either end, others take the oldest.</summary>
/// <remarks>
/// <para>
/// The owner publishes an entry by moving the tail; whoever wins the exchange of the head has the entry that it read before. So far this is the
/// run queue of Go's scheduler (runtime/proc.go: runqput, runqget, runqgrab).
/// </para>
/// <para>
/// The newest is taken as from the deque of Chase and Lev (Dynamic Circular Work-Stealing Deque, 2005):
/// </para>
/// <code>
/// owner: move the tail back ── fence ── look at the head: more than one left: it is ours; the last one: exchange the head for it
/// other: read the head ── read the tail ── read the entry ── exchange the head
/// </code>
/// <para>
/// With the fence one of the two sees the other. The last entry goes to who moves the head, and the head has moved on before its place is
/// used again, so an entry that was read from there too early is never won.
/// </para>
/// </remarks>
internal sealed class RunRing
{
    private const int Size = 256;
    private readonly Cell?[] _entries = new Cell?[Size];

    // Apart from one another, so that thieves do not slow the owner's tail down.
    private Padded _head;
    private Padded _tail;

    /// <summary>How many wait; may be stale. Any thread.</summary>
    internal int Count => Math.Max(0, (int)(Volatile.Read(ref _tail.Value) - Volatile.Read(ref _head.Value)));

    /// <summary>Adds the newest. Owner only.</summary>
    /// <returns>False when the ring is full.</returns>
    internal bool TryPut(Cell cell)
    {
        var tail = _tail.Value;

        if (tail - Volatile.Read(ref _head.Value) >= Size)
        {
            return false;
        }

        _entries[tail % Size] = cell;
        Volatile.Write(ref _tail.Value, tail + 1);
        return true;
    }

    /// <summary>Takes the oldest. Any thread.</summary>
    internal Cell? TakeOldest()
    {
        while (true)
        {
            var head = Volatile.Read(ref _head.Value);

            // Less than none for a moment, when the owner looks for the newest of none.
            if ((int)(Volatile.Read(ref _tail.Value) - head) <= 0)
            {
                return null;
            }

            var cell = Volatile.Read(ref _entries[head % Size]);

            if (Interlocked.CompareExchange(ref _head.Value, head + 1, head) == head)
            {
                return cell;
            }
        }
    }

    /// <summary>Takes the newest. Owner only.</summary>
    internal Cell? TakeNewest()
    {
        if (_tail.Value == Volatile.Read(ref _head.Value))
        {
            return null;
        }

        var tail = _tail.Value - 1;
        Interlocked.Exchange(ref _tail.Value, tail);
        var head = Volatile.Read(ref _head.Value);

        if ((int)(tail - head) > 0)
        {
            return _entries[tail % Size];
        }

        var cell = tail == head && Interlocked.CompareExchange(ref _head.Value, head + 1, head) == head ? _entries[tail % Size] : null;
        Volatile.Write(ref _tail.Value, tail + 1);
        return cell;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Padded
    {
        [FieldOffset(64)]
        internal uint Value;
    }
}
