using System.Numerics;
using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>Processes in line: one thread, the owner, adds and takes at either end, others take the oldest. It grows as needed.</summary>
/// <remarks>
/// <para>
/// The deque of Chase and Lev (Dynamic Circular Work-Stealing Deque, 2005). The owner publishes an entry by moving the tail; whoever wins the
/// exchange of the head has the entry that it read before. The newest is taken so:
/// </para>
/// <code>
/// owner: move the tail back ── fence ── look at the head: more than one left: it is ours; the last one: exchange the head for it
/// other: read the head ── read the tail ── read the entry ── exchange the head
/// </code>
/// <para>
/// With the fence one of the two sees the other. The last entry goes to who moves the head, and the head has moved on before its place is
/// used again, so an entry that was read from there too early is never won.
/// </para>
/// <para>
/// A full ring is copied into one twice as large, and one that grew is left for a small one when it is empty. Who takes looks for the entries
/// after the tail, so it sees a ring that has what the tail promised it; and what it reads from a ring that the owner has left, which
/// stays as it was, it gets only if nobody took it meanwhile.
/// </para>
/// </remarks>
internal sealed class RunRing
{
    private const int SmallestSize = 256;
    private Cell?[] _entries = new Cell?[SmallestSize];

    // Apart from one another, so that thieves do not slow the owner's tail down.
    private Padded _head;
    private Padded _tail;

    /// <summary>How many wait; may be stale. Any thread.</summary>
    internal int Count => Math.Max(0, (int)(Volatile.Read(ref _tail.Value) - Volatile.Read(ref _head.Value)));

    /// <summary>Adds the newest. Owner only.</summary>
    internal void Put(Cell cell)
    {
        var tail = _tail.Value;
        var count = tail - Volatile.Read(ref _head.Value);
        var entries = _entries;

        // Entries that thieves took are still in the ring, so it is not kept for long where there were many.
        if (count == entries.Length || (count == 0 && entries.Length > SmallestSize))
        {
            entries = Resize(tail - count, count);
        }

        At(entries, tail) = cell;
        Volatile.Write(ref _tail.Value, tail + 1);
    }

    private Cell?[] Resize(uint head, uint count)
    {
        var from = _entries;
        var to = new Cell?[Math.Max(SmallestSize, (int)BitOperations.RoundUpToPowerOf2(count + 1))];

        for (var i = 0u; i < count; i++)
        {
            At(to, head + i) = At(from, head + i);
        }

        Volatile.Write(ref _entries, to);
        return to;
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

            var cell = Volatile.Read(ref At(Volatile.Read(ref _entries), head));

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
        ref var entry = ref At(_entries, tail);
        var cell = entry;

        if ((int)(tail - head) > 0)
        {
            // Nobody else can get it, and a process that has ended is not to stay in memory for it.
            entry = null;
            return cell;
        }

        cell = tail == head && Interlocked.CompareExchange(ref _head.Value, head + 1, head) == head ? cell : null;
        Volatile.Write(ref _tail.Value, tail + 1);
        return cell;
    }

    private static ref Cell? At(Cell?[] entries, uint place) => ref entries[(int)(place & (uint)(entries.Length - 1))];

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Padded
    {
        [FieldOffset(64)]
        internal uint Value;
    }
}
