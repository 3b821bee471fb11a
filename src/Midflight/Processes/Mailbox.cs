namespace Midflight;

/// <summary>The messages that a process has fetched and not handled yet, oldest first. Owner only, unless noted otherwise.</summary>
internal struct Mailbox
{
    internal Envelope? First;

    // Set only if there is more than one: usually there is just one, and this saves writing a reference.
    private Envelope? _last;

    // Counted, so that there is no search for batches if there are none.
    private int _batches;

    internal readonly bool IsEmpty => First is null;

    /// <summary>Adds a message after the waiting ones. Owner only.</summary>
    internal void Enqueue(Envelope message)
    {
        if (First is not { } first)
        {
            First = message;
        }
        else
        {
            (_last ?? first).Next = message;
            _last = message;
        }

        if (message is CastBatch)
        {
            _batches++;
        }
    }

    /// <summary>Takes the oldest message.</summary>
    internal Envelope? Dequeue()
    {
        var message = First;

        if (message is CastBatch batch)
        {
            message = new CastMessage(Take(batch));
            batch.InHand = null;
        }
        else if (message is not null)
        {
            RemoveFirst(message);
        }

        return message;
    }

    /// <summary>Takes the oldest cast of a batch, which is the oldest message, into the batch's hand.</summary>
    internal object Take(CastBatch batch)
    {
        var cast = batch.Take(out var isLast);

        if (isLast)
        {
            _batches--;
            RemoveFirst(batch);
        }

        return cast;
    }

    private void RemoveFirst(Envelope first)
    {
        if (first.Next is not { } next)
        {
            First = null;
            return;
        }

        First = next;
        first.Next = null;

        if (next == _last)
        {
            _last = null;
        }
    }

    /// <summary>Takes the oldest matching message; the others keep their order.</summary>
    internal Envelope? Dequeue<TState>(Func<Envelope, TState, bool> fits, TState state)
    {
        Envelope? seen = null;
        return Dequeue(fits, state, ref seen);
    }

    /// <inheritdoc cref="Dequeue{TState}(Func{Envelope, TState, bool}, TState)"/>
    /// <param name="fits">Whether a message should be taken.</param>
    /// <param name="state">Passed to <paramref name="fits"/>.</param>
    /// <param name="seen">Up to here the same question has been asked before.</param>
    internal Envelope? Dequeue<TState>(Func<Envelope, TState, bool> fits, TState state, ref Envelope? seen)
    {
        Unpack();
        var before = seen;

        for (var message = before is null ? First : before.Next; message is not null; before = message, message = message.Next)
        {
            if (!fits(message, state))
            {
                continue;
            }

            if (before is null)
            {
                return Dequeue();
            }

            before.Next = message.Next;

            if (message == _last)
            {
                _last = before == First ? null : before;
            }

            message.Next = null;
            seen = before;
            return message;
        }

        seen = _last ?? First;
        return null;
    }

    /// <summary>The waiting messages, oldest first, without those not fetched yet.</summary>
    internal IEnumerable<Envelope> All()
    {
        Unpack();
        return From(First);
    }

    /// <summary>The contents of waiting messages; may miss some or show some twice. Any thread.</summary>
    internal readonly IEnumerable<object> Contents() => From(First).SelectMany(envelope => envelope switch
    {
        Message message => [message.Content],
        CastBatch batch => batch.Casts,
        _ => [],
    });

    /// <summary>How many messages an envelope and those after it hold, at most a million; may be out of date. Any thread.</summary>
    internal static int Count(Envelope? chain)
    {
        var count = 0;

        for (; chain is not null and not InboxState && count < 1_000_000; chain = chain.Next)
        {
            count += chain is CastBatch batch ? batch.Count : 1;
        }

        return count;
    }

    private static IEnumerable<Envelope> From(Envelope? message)
    {
        for (; message is not null; message = message.Next)
        {
            yield return message;
        }
    }

    // Gives each cast an envelope of its own, for code that examines messages one by one.
    private void Unpack()
    {
        if (_batches == 0)
        {
            return;
        }

        var message = First;
        this = default;

        while (message is not null)
        {
            var next = message.Next;
            message.Next = null;

            if (message is CastBatch batch)
            {
                foreach (var cast in batch.Rest())
                {
                    Enqueue(new CastMessage(cast));
                }
            }
            else
            {
                Enqueue(message);
            }

            message = next;
        }
    }
}
