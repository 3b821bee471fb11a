namespace Midflight;

/// <summary>All live processes of a node, in the order of their numbers within each stripe.</summary>
/// <remarks>Linked through the cells themselves, so a process costs no entry; striped, so that spawns do not meet.</remarks>
internal sealed class ProcessTable
{
    private const int StripeCount = 16;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];
    private long _last;

    internal int Count => _stripes.Sum(stripe => Volatile.Read(ref stripe.Count));

    /// <summary>How many there have been.</summary>
    internal long Started => Volatile.Read(ref _last);

    /// <summary>Messages handled and signals taken, by those alive and by all that have ended: it never falls.</summary>
    internal long Reductions
    {
        get
        {
            var sum = 0L;

            foreach (var stripe in _stripes)
            {
                lock (stripe)
                {
                    sum += stripe.Reductions;

                    for (var cell = stripe.First; cell is not null; cell = cell.After)
                    {
                        sum += Volatile.Read(ref cell.Reductions);
                    }
                }
            }

            return sum;
        }
    }

    internal long Add(Cell cell)
    {
        var number = Interlocked.Increment(ref _last);
        var stripe = _stripes[number % StripeCount];

        lock (stripe)
        {
            cell.After = stripe.First;

            if (stripe.First is { } first)
            {
                first.Before = cell;
            }

            stripe.First = cell;
            stripe.Count++;
        }

        return number;
    }

    internal void Remove(Cell cell)
    {
        var stripe = _stripes[cell.Number % StripeCount];

        lock (stripe)
        {
            if (cell.Before is { } before)
            {
                before.After = cell.After;
            }
            else
            {
                stripe.First = cell.After;
            }

            if (cell.After is { } after)
            {
                after.Before = cell.Before;
            }

            cell.Before = cell.After = null;
            stripe.Count--;
            stripe.Reductions += cell.Reductions;
        }
    }

    /// <summary>The processes alive at some moment of the call; those that start or end during it may be missing.</summary>
    internal List<Cell> All()
    {
        var all = new List<Cell>(Count);

        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                for (var cell = stripe.First; cell is not null; cell = cell.After)
                {
                    all.Add(cell);
                }
            }
        }

        return all;
    }

    internal Cell? Find(long number)
    {
        var stripe = _stripes[number % StripeCount];

        lock (stripe)
        {
            for (var cell = stripe.First; cell is not null; cell = cell.After)
            {
                if (cell.Number == number)
                {
                    return cell;
                }
            }
        }

        return null;
    }

    private sealed class Stripe
    {
        internal Cell? First;
        internal int Count;

        // Of those that have ended.
        internal long Reductions;
    }
}
