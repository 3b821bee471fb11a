using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>What has arrived at a process and has not been fetched yet, and whether anybody has the process: one word.</summary>
/// <remarks>
/// The word is an <see cref="InboxState"/> while the process is idle. Otherwise an owner has it, and it holds null, or the newest envelope, which
/// leads to the older ones, or the content of a plain message. Such a message to an idle process gets an envelope only if something comes on
/// top of it, or if it has to wait. Whoever moves the word out of a resting state owns the process until putting it to rest again.
/// </remarks>
internal struct Inbox(InboxState? state)
{
    private object? _word = state;

    /// <summary>Whether nothing waits here and nobody has the process; may be out of date. Any thread.</summary>
    internal readonly bool Rests => Volatile.Read(in _word) is InboxState;

    /// <summary>Whether it was closed. Any thread.</summary>
    internal readonly bool IsDead => Volatile.Read(in _word) == InboxState.Dead;

    /// <summary>The number of waiting messages and signals; may be out of date. Any thread.</summary>
    internal readonly int Count => Volatile.Read(in _word) switch
    {
        null => 0,
        Envelope newest => Mailbox.Count(newest),
        _ => 1,
    };

    /// <summary>Adds an envelope. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Arrival Add(Envelope envelope)
    {
        var seen = Volatile.Read(ref _word);

        while (true)
        {
            var rests = seen is InboxState;

            if (rests && seen == InboxState.Dead)
            {
                return Arrival.Refused;
            }

            envelope.Next = rests ? null : Wrapped(seen);
            var was = Interlocked.CompareExchange(ref _word, envelope, seen);

            if (was == seen)
            {
                return rests ? Arrival.Wakes : Arrival.Waits;
            }

            seen = was;
        }
    }

    /// <summary>Adds the content of a plain message if the process is idle; nothing else waits for it then. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryWake(object content)
    {
        var seen = Volatile.Read(ref _word);
        return seen is InboxState && seen != InboxState.Dead && Interlocked.CompareExchange(ref _word, content, seen) == seen;
    }

    /// <summary>Adds a cast: to the newest batch if that has room, otherwise in an envelope. Any thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Arrival AddCast(object content)
    {
        CastMessage? single = null;
        CastBatch? batch = null;
        var seen = Volatile.Read(ref _word);

        while (true)
        {
            Envelope envelope;

            if (seen is CastBatch newest)
            {
                if (newest.TryAdd(content))
                {
                    return Arrival.Waits;
                }

                envelope = batch ??= new CastBatch(CastBatch.Most, content);
            }
            else if (seen is CastMessage)
            {
                // The second in a row that waits: more will come.
                envelope = batch ??= new CastBatch(CastBatch.Few, content);
            }
            else if (seen is InboxState)
            {
                return Add(new CastMessage(content));
            }
            else
            {
                envelope = single ??= new CastMessage(content);
            }

            envelope.Next = Wrapped(seen);
            var was = Interlocked.CompareExchange(ref _word, envelope, seen);

            if (was == seen)
            {
                return Arrival.Waits;
            }

            seen = was;
        }
    }

    /// <summary>Takes over an idle process. Any thread.</summary>
    /// <param name="parked">Whether a parked one can be taken too.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryEnter(bool parked)
    {
        var seen = Volatile.Read(ref _word);
        return (seen == InboxState.Idle || (parked && seen == InboxState.Parked))
            && Interlocked.CompareExchange(ref _word, null, seen) == seen;
    }

    /// <summary>Puts the process to rest. Owner only.</summary>
    /// <returns>False if something has arrived.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRest(InboxState state) => Interlocked.CompareExchange(ref _word, state, null) is null;

    /// <summary>Takes what has arrived: null, the newest envelope, or the content of a plain message. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal object? Take() => Volatile.Read(ref _word) is null ? null : Interlocked.Exchange(ref _word, null);

    /// <summary>Accepts nothing more. Owner only.</summary>
    /// <returns>The newest envelope of what had arrived; null for the content of a plain message, for which nobody has to be told.</returns>
    internal Envelope? Close() => Interlocked.Exchange(ref _word, InboxState.Dead) as Envelope;

    [return: NotNullIfNotNull(nameof(seen))]
    private static Envelope? Wrapped(object? seen) =>
        seen is null ? null : seen as Envelope ?? new Message(seen);
}

/// <summary>What happened to an item that was added to an inbox.</summary>
internal enum Arrival
{
    /// <summary>Whoever has the process will handle it.</summary>
    Waits,

    /// <summary>The process was idle: the sender now has the process, and must schedule it.</summary>
    Wakes,

    /// <summary>The process has ended.</summary>
    Refused,
}
