namespace Midflight;

/// <summary>Casts that came right behind one another and wait, in one object.</summary>
/// <remarks>
/// <para>
/// A server that is behind has a long mailbox. One object for each message makes the garbage collector follow a list of
/// hundreds of thousands, which took more time than handling them; so casts share one, and a server that nobody watches takes them out of
/// it one by one. Who looks at messages one by one gives each an envelope of its own (<see cref="Mailbox"/>).
/// </para>
/// <para>Senders add while the batch is the newest in the inbox; the owner closes it when it fetches:</para>
/// <code>
/// sender: reserve a place ── write the cast there
/// owner:  take the batch out of the inbox ── close: no place can be reserved any more ── wait for what is not written yet
/// </code>
/// <para>
/// A sender that saw the batch before it was fetched can still add until it is closed. Its own earlier messages are older than
/// the batch or in it, so the order holds. The owner that takes the batch out closes it before it rests, so nothing is added to a batch
/// that nobody will look into; only a process that ends leaves one open, and casts to it are dropped anyway.
/// </para>
/// </remarks>
internal sealed class CastBatch : Envelope
{
    /// <summary>Places of the first batch in a row, and of those behind a full one.</summary>
    internal const int Few = 8;

    /// <inheritdoc cref="Few"/>
    internal const int Most = 64;

    // More than any batch has.
    private const int Closed = int.MaxValue;

    // Spins of who meets another sender, a third of a microsecond or so: time for the other to add some more.
    private const int Pause = 8;

    // In a struct, as the runtime would check the type of an array of objects at each write.
    private readonly Place[] _places;
    private int _reserved = 1;

    // Owned by the owner of the cell, once closed.
    private int _count;
    private int _taken;

    internal CastBatch(int size, object first)
    {
        _places = new Place[size];
        _places[0].Cast = first;
    }

    /// <summary>Adds a cast. Any thread.</summary>
    /// <returns>False where there is no room or the batch is closed.</returns>
    internal bool TryAdd(object cast)
    {
        var place = Volatile.Read(ref _reserved);

        while (place < _places.Length)
        {
            var was = Interlocked.CompareExchange(ref _reserved, place + 1, place);

            if (was == place)
            {
                Volatile.Write(ref _places[place].Cast, cast);
                return true;
            }

            // Another processor adds too. Each for a while is quicker than both in turn, for which the batch goes from cache to cache.
            Thread.SpinWait(Pause);
            place = Volatile.Read(ref _reserved);
        }

        return false;
    }

    /// <summary>Lets no more in. Owner of the cell only, once, with the batch out of the inbox.</summary>
    internal void Close() => _count = Interlocked.Exchange(ref _reserved, Closed);

    /// <summary>Takes the oldest into the hand. Owner only; there is one until <paramref name="isLast"/>.</summary>
    internal object Take(out bool isLast)
    {
        var place = _taken++;
        isLast = _taken == _count;

        if (place > 0)
        {
            _places[place - 1].Cast = null;
        }

        return At(place);
    }

    /// <summary>What waits, for who drops the batch; what is in hand stays there. Owner only.</summary>
    internal IEnumerable<object> Rest()
    {
        for (var place = _taken; place < _count; place++)
        {
            yield return At(place);
        }
    }

    private object At(int place)
    {
        ref var slot = ref _places[place].Cast;
        var cast = Volatile.Read(ref slot);

        // Reserved and not written yet: its sender is between two instructions.
        for (var spin = new SpinWait(); cast is null; cast = Volatile.Read(ref slot))
        {
            spin.SpinOnce();
        }

        return cast;
    }

    /// <summary>The cast that was taken last, until who handled it lets go of it. Read by any thread, where it may be stale; written by the owner.</summary>
    internal object? InHand
    {
        get => _taken is > 0 and var taken ? _places[taken - 1].Cast : null;
        set => _places[_taken - 1].Cast = value;
    }

    /// <summary>Lets go of the cast in hand, and gives it. Owner only.</summary>
    internal object? Leave()
    {
        var cast = InHand;
        InHand = null;
        return cast;
    }

    /// <summary>How many wait; may be stale. Any thread.</summary>
    internal int Count
    {
        get
        {
            var reserved = Volatile.Read(ref _reserved);
            return (reserved == Closed ? _count : reserved) - _taken;
        }
    }

    /// <summary>What waits, and what is in hand; may be stale. Any thread.</summary>
    internal IEnumerable<object> Casts => _places.Select(place => place.Cast).OfType<object>();

    private struct Place
    {
        internal object? Cast;
    }
}
