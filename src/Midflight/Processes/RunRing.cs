using System.Numerics;
using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>A line of processes: one thread, the owner, adds and takes at either end; others take the oldest. It grows as needed.</summary>
/// <remarks>
/// <para>
/// The deque of Chase and Lev (Dynamic Circular Work-Stealing Deque, 2005). The owner publishes an entry by moving the tail. Whoever wins the
/// exchange of the head gets the entry that it read before. The newest is taken like this:
/// </para>
/// <code>
/// owner: move the tail back ── fence ── read the head: more than one left: it is ours; the last one: exchange the head for it
/// other: read the head ── read the tail ── read the entry ── exchange the head
/// </code>
/// <para>
/// With the fence, one of the two sees the other. The last entry goes to whoever moves the head, and the head has moved on before its place is
/// reused, so an entry that was read from there too early is never won.
/// </para>
/// <para>
/// A full ring is copied into one twice as large, and a grown ring is replaced by a small one when it is empty. A taker reads the entries
/// after the tail, so it sees a ring that contains what the tail promised. If it reads from a ring that the owner has left, which
/// stays as it was, it gets the entry only if nobody took it meanwhile.
/// </para>
/// </remarks>
internal sealed class RunRing
{
    private const int SmallestSize = 256;
    private Cell?[] _entries = new Cell?[SmallestSize];

    // Apart from each other, so that thieves do not slow down the owner's tail.
    private Padded _head;
    private Padded _tail;

    /// <summary>The number of waiting processes; may be out of date. Any thread.</summary>
    internal int Count => Math.Max(0, (int)(Volatile.Read(ref _tail.Value) - Volatile.Read(ref _head.Value)));

    /// <summary>Adds the newest. Owner only.</summary>
    internal void Put(Cell cell)
    {
        var tail = _tail.Value;
        var count = tail - Volatile.Read(ref _head.Value);
        var entries = _entries;

        // Entries that thieves took are still in the ring, so a ring that was large is not kept for long.
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

            // Negative for a moment, when the owner looks for the newest of none.
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
            // Nobody else can get it, and the entry must not keep an ended process in memory.
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
