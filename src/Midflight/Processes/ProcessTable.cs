using System.Runtime.InteropServices;

namespace Midflight;

/// <summary>All live processes of a node.</summary>
/// <remarks>
/// Arrays without holes: the last entry takes the place of one that ends. They grow and never shrink: eight bytes for
/// each process that ran at the same time. A list linked through the cells would need no array, but the garbage collector
/// would have to follow it from cell to cell, waiting for memory at each. Striped by the thread that starts a process, which is usually
/// the one on which it ends as well, so that threads rarely meet; where they do, they spin, because a stripe is held for a few instructions.
/// Also striped by number, so that code that visits all processes holds only a part of them at once. Numbers are handed out in blocks for the same
/// reason: a later process has a higher number only among those of its thread.
/// </remarks>
internal sealed class ProcessTable
{
    private const int Threads = 8;
    private const int StripesOfThread = 8;
    private const int Block = 64;
    private readonly Stripe[] _stripes = Stripes();
    private readonly Numbers[] _numbers = new Numbers[Threads];
    private long _blocks;

    internal int Count => _stripes.Sum(stripe => Volatile.Read(ref stripe.Count));

    /// <summary>The number of processes started so far.</summary>
    internal long Started => _stripes.Sum(stripe => Volatile.Read(ref stripe.Started));

    /// <summary>Messages and signals handled, by live and ended processes: it never falls.</summary>
    internal long Reductions
    {
        get
        {
            var sum = 0L;

            foreach (var stripe in _stripes)
            {
                stripe.Enter();
                sum += stripe.Reductions;

                foreach (var cell in stripe.Cells)
                {
                    sum += Volatile.Read(ref cell.Reductions);
                }

                stripe.Leave();
            }

            return sum;
        }
    }

    /// <summary>Adds a newly created process.</summary>
    /// <returns>Its number.</returns>
    internal long Add(Cell cell)
    {
        var thread = Environment.CurrentManagedThreadId % Threads;
        var number = Take(ref _numbers[thread].Last);
        var place = (thread * StripesOfThread) + (int)(number % StripesOfThread);
        var stripe = _stripes[place];
        cell.Stripe = (byte)place;
        stripe.Enter();

        // Whatever happens, it must be released: others that start or end a process would spin forever.
        try
        {
            stripe.Add(cell);
        }
        finally
        {
            stripe.Leave();
        }

        return number;
    }

    // The next of a block, or the first of a new one. Threads may share a block.
    private long Take(ref long last)
    {
        while (true)
        {
            var seen = Volatile.Read(ref last);
            var number = seen % Block == 0 ? ((Interlocked.Increment(ref _blocks) - 1) * Block) + 1 : seen + 1;

            if (Interlocked.CompareExchange(ref last, number, seen) == seen)
            {
                return number;
            }
        }
    }

    internal void Remove(Cell cell)
    {
        var stripe = _stripes[cell.Stripe];
        stripe.Enter();
        stripe.Remove(cell);
        stripe.Reductions += cell.Reductions;
        stripe.Leave();
    }

    /// <summary>The processes alive at some moment of the call; processes that start or end during it may be missing.</summary>
    internal List<Cell> All()
    {
        var all = new List<Cell>(Count);

        foreach (var stripe in _stripes)
        {
            stripe.Enter();

            // As in Add: the list may have to grow.
            try
            {
                all.AddRange(stripe.Cells);
            }
            finally
            {
                stripe.Leave();
            }
        }

        return all;
    }

    internal Cell? Find(long number) => All().Find(cell => cell.Number == number);

    private static Stripe[] Stripes()
    {
        // Without LINQ, because this is part of a node's start.
        var stripes = new Stripe[Threads * StripesOfThread];

        for (var i = 0; i < stripes.Length; i++)
        {
            stripes[i] = new();
        }

        return stripes;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Numbers
    {
        [FieldOffset(64)]
        internal long Last;
    }

    private sealed class Stripe
    {
        private const int Least = 16;

        private Apart _apart = new() { Lock = new(enableThreadOwnerTracking: false) };

        // Written under the lock, as all below.
        private Cell?[] _cells = new Cell?[Least];
        internal int Count;
        internal long Started;

        // Of those that have ended.
        internal long Reductions;

        internal ReadOnlySpan<Cell> Cells => _cells.AsSpan(0, Count)!;

        internal void Add(Cell cell)
        {
            if (Count == _cells.Length)
            {
                Array.Resize(ref _cells, 2 * Count);
            }

            cell.Place = Count;
            _cells[Count++] = cell;
            Started++;
        }

        internal void Remove(Cell cell)
        {
            var last = _cells[--Count]!;
            _cells[last.Place = cell.Place] = last;
            _cells[Count] = null;
        }

        internal void Enter()
        {
            var isTaken = false;
            _apart.Lock.Enter(ref isTaken);
        }

        internal void Leave() => _apart.Lock.Exit(useMemoryBarrier: false);

        // So that no two stripes share a cache line.
        [StructLayout(LayoutKind.Explicit, Size = 128)]
        private struct Apart
        {
            [FieldOffset(64)]
            internal SpinLock Lock;
        }
    }
}
