namespace Midflight;

/// <summary>The processes that one scheduler is to run: a ring, and the one that was made ready last.</summary>
/// <remarks>
/// <para>
/// Only the owner adds; the owner takes from the head, others steal from it. The owner publishes an entry by
/// moving the tail; whoever wins the exchange of the head has the entry it read before. This is the run queue of Go's
/// scheduler (runtime/proc.go: runqput, runqget, runqgrab).
/// </para>
/// <para>
/// The slot beside the ring lets a process that was just sent to run next, while its message is in the cache. What it
/// displaces goes to the ring.
/// </para>
/// </remarks>
internal sealed class RunQueue
{
    private const int Size = 256;
    private readonly Cell?[] _ring = new Cell?[Size];

    // Apart from one another, so that thieves do not slow the owner's tail down.
    private Padded _head;
    private Padded _tail;
    private Cell? _next;

    internal bool HasNext => Volatile.Read(ref _next) is not null;

    /// <summary>Whether the ring has something that others may take.</summary>
    internal bool HasMore => Volatile.Read(ref _head.Value) != Volatile.Read(ref _tail.Value);

    /// <summary>Makes a process the next to run. Owner only.</summary>
    /// <returns>What it displaced.</returns>
    internal Cell? PutNext(Cell cell) => Interlocked.Exchange(ref _next, cell);

    /// <summary>Adds at the tail. Owner only.</summary>
    /// <returns>False when the ring is full.</returns>
    internal bool TryPut(Cell cell)
    {
        var tail = _tail.Value;

        if (tail - Volatile.Read(ref _head.Value) >= Size)
        {
            return false;
        }

        _ring[tail & (Size - 1)] = cell;
        Volatile.Write(ref _tail.Value, tail + 1);
        return true;
    }

    /// <summary>Takes the next one, else the head of the ring. Owner only.</summary>
    internal Cell? Take() => _next is not null && Interlocked.Exchange(ref _next, null) is { } next ? next : TakeHead();

    /// <summary>Takes the head of the ring. Any thread.</summary>
    internal Cell? TakeHead()
    {
        while (true)
        {
            var head = Volatile.Read(ref _head.Value);

            if (head == Volatile.Read(ref _tail.Value))
            {
                return null;
            }

            var cell = Volatile.Read(ref _ring[head & (Size - 1)]);

            if (Interlocked.CompareExchange(ref _head.Value, head + 1, head) == head)
            {
                return cell;
            }
        }
    }

    /// <summary>Takes the one that is to run next away from its owner, who is busy. Any thread.</summary>
    internal Cell? StealNext() => Interlocked.Exchange(ref _next, null);

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 128)]
    private struct Padded
    {
        [System.Runtime.InteropServices.FieldOffset(64)]
        internal uint Value;
    }
}
