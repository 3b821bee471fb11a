namespace Midflight;

/// <summary>Casts that arrived directly after one another and wait, in one object.</summary>
/// <remarks>
/// <para>
/// A server that cannot keep up has a long mailbox. With one object for each message, the garbage collector follows a list of
/// hundreds of thousands, which took more time than handling them. So casts share an object, and a server without debug options takes them out of
/// it one by one. Code that examines messages one by one gives each an envelope of its own (<see cref="Mailbox"/>).
/// </para>
/// <para>Senders add while the batch is the newest in the inbox; the owner closes it when it fetches:</para>
/// <code>
/// sender: reserve a place ── write the cast there
/// owner:  take the batch out of the inbox ── close: no place can be reserved any more ── wait for what is not written yet
/// </code>
/// <para>
/// A sender that saw the batch before it was fetched can still add to it until it is closed. Its own earlier messages are older than
/// the batch or in it, so the order holds. The owner that takes the batch out closes it before it rests, so nothing is added to a batch
/// that nobody will read. Only a process that ends leaves a batch open, and casts to it are dropped anyway.
/// </para>
/// </remarks>
internal sealed class CastBatch : Envelope
{
    /// <summary>Places in the first batch of a row, and in those after a full one.</summary>
    internal const int Few = 8;

    /// <inheritdoc cref="Few"/>
    internal const int Most = 64;

    // More than any batch has.
    private const int Closed = int.MaxValue;

    // Spins of a sender that meets another one, about a third of a microsecond: time for the other to add some more.
    private const int Pause = 8;

    // In a struct, because the runtime would check the type of an array of objects at each write.
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
    /// <returns>False if there is no room or the batch is closed.</returns>
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

            // Another processor adds too. Taking longer turns is faster than alternating, for which the batch moves from cache to cache.
            Thread.SpinWait(Pause);
            place = Volatile.Read(ref _reserved);
        }

        return false;
    }

    /// <summary>Closes it to senders. Owner of the cell only, once, when the batch is out of the inbox.</summary>
    internal void Close() => _count = Interlocked.Exchange(ref _reserved, Closed);

    /// <summary>Takes the oldest cast in hand. Owner only; there is one until <paramref name="isLast"/>.</summary>
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

    /// <summary>The waiting casts, for code that drops the batch; the cast in hand stays there. Owner only.</summary>
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

        // Reserved but not written yet: its sender is between two instructions.
        for (var spin = new SpinWait(); cast is null; cast = Volatile.Read(ref slot))
        {
            spin.SpinOnce();
        }

        return cast;
    }

    /// <summary>The cast that was taken last, until its handler releases it. Any thread may read it, possibly out of date; the owner writes it.</summary>
    internal object? InHand
    {
        get => _taken is > 0 and var taken ? _places[taken - 1].Cast : null;
        set => _places[_taken - 1].Cast = value;
    }

    /// <summary>Releases the cast in hand, and returns it. Owner only.</summary>
    internal object? Leave()
    {
        var cast = InHand;
        InHand = null;
        return cast;
    }

    /// <summary>The number of waiting casts; may be out of date. Any thread.</summary>
    internal int Count
    {
        get
        {
            var reserved = Volatile.Read(ref _reserved);
            return (reserved == Closed ? _count : reserved) - _taken;
        }
    }

    /// <summary>The waiting casts and the one in hand; may be out of date. Any thread.</summary>
    internal IEnumerable<object> Casts => _places.Select(place => place.Cast).OfType<object>();

    private struct Place
    {
        internal object? Cast;
    }
}
