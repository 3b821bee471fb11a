using System.Collections.Concurrent;

namespace Midflight;

/// <summary>What a node keeps outside of its processes, and that may be values of hot code: a table, a registry, a persistent value.</summary>
/// <remarks>
/// An upgrade takes it along in its transaction, as it does the states of processes: rehearsed on a copy, converted while those who
/// change code are suspended, put back if the upgrade fails. Until then, and where an older version still reads, a value is converted
/// for whoever reads it.
/// </remarks>
internal abstract class HotStore
{
    /// <summary>For sentences: which.</summary>
    internal abstract string Title { get; }

    /// <summary>What holds the values; null where there is nothing any more.</summary>
    internal abstract object? Contents { get; }

    /// <summary>Converts everything and throws it away.</summary>
    /// <returns>How many values that were.</returns>
    /// <exception cref="ConversionException">One cannot be converted.</exception>
    internal abstract int Rehearse(Conversion incoming);

    /// <summary>Converts everything, in one step for those who read.</summary>
    /// <param name="into">Into which code version.</param>
    /// <param name="from">The one that is left, for a way back. Default: there will be none.</param>
    /// <returns>What puts it back as it was, and converts back what has been written meanwhile; null where there is nothing.</returns>
    /// <exception cref="ConversionException">One cannot be converted; nothing has changed.</exception>
    internal abstract Action? Bring(CodeVersion into, CodeVersion? from = null);
}

/// <summary>A store of entries of some kind.</summary>
/// <typeparam name="TContents">What holds them.</typeparam>
/// <typeparam name="TEntry">One of them; never changed, but replaced by another.</typeparam>
internal abstract class HotStore<TContents, TEntry> : HotStore
    where TContents : class
    where TEntry : notnull
{
    // A writer and a conversion exclude each other; readers take no lock.
    private readonly Lock _lock = new();

    // Replaced under the lock.
    private volatile TContents? _held;

    // Owned by the lock. Counts what was changed, so that a rollback knows whether what it has kept is still all.
    private long _changes;

    internal override object? Contents => _held;

    /// <summary>What holds the entries; null where there is nothing any more. Set by a writer, in <see cref="Write{T}"/>.</summary>
    private protected TContents? Held
    {
        get => _held;
        set => _held = value;
    }

    /// <summary>Tells whether an entry is still the one that it was.</summary>
    private protected abstract IEqualityComparer<TEntry> Same { get; }

    private protected abstract IEnumerable<TEntry> Entries(TContents contents);

    /// <summary>An entry with key and value converted; the very same objects where nothing in them is of another version.</summary>
    private protected abstract TEntry Receive(TEntry entry, Conversion incoming);

    /// <summary>Contents of the same kind with other entries.</summary>
    /// <exception cref="ConversionException">Keys that were two have become one.</exception>
    private protected abstract TContents With(TContents contents, IReadOnlyCollection<(TEntry Was, TEntry Is)> entries);

    /// <summary>Notes in which version the keys of an application are.</summary>
    private protected abstract void Note(TContents contents, CodeVersion keys);

    /// <summary>Writes, as the only one.</summary>
    private protected T Write<T>(Func<T> write)
    {
        lock (_lock)
        {
            return write();
        }
    }

    /// <summary>Says, in a <see cref="Write{T}"/>, that something is no longer what it was.</summary>
    private protected void Changed() => _changes++;

    private protected ConversionException Collision(object one, object other, object now) => new(
        $"The keys {Excerpt.Of(one, longest: 100)} and {Excerpt.Of(other, longest: 100)} of {Title} become the same key, {Excerpt.Of(now, longest: 100)}, so one of their entries would be lost. "
        + "Keep what distinguishes them in the key, or remove one of them first.");

    internal override int Rehearse(Conversion incoming) => _held is { } contents ? Convert(contents, incoming, null).Entries.Count : 0;

    internal override Action? Bring(CodeVersion into, CodeVersion? from = null)
    {
        lock (_lock)
        {
            if (_held is not { } before || into.Incoming is not { } incoming)
            {
                return null;
            }

            var (after, entries) = Convert(before, incoming, null);
            Note(after, into);
            _held = after;
            var changes = _changes;
            return () => PutBack(before, ReferenceEquals(before, after) ? [] : entries, changes, from);
        }
    }

    private void PutBack(TContents before, List<(TEntry Was, TEntry Is)> taken, long changes, CodeVersion? from)
    {
        lock (_lock)
        {
            if (_held is not { } now)
            {
                return;
            }

            if (changes != _changes)
            {
                // What nobody has written since is what it was: a conversion there and back may lose something.
                var known = new Dictionary<TEntry, TEntry>(taken.Count, Same);

                foreach (var (was, became) in taken)
                {
                    known[became] = was;
                }

                before = Convert(now, from?.Incoming, known).Contents;
            }

            if (from is not null)
            {
                Note(before, from);
            }

            _held = before;
        }
    }

    private (TContents Contents, List<(TEntry Was, TEntry Is)> Entries) Convert(TContents contents, Conversion? incoming, Dictionary<TEntry, TEntry>? known)
    {
        var entries = new List<(TEntry Was, TEntry Is)>();
        var changed = false;

        foreach (var entry in Entries(contents))
        {
            var became = known is not null && known.TryGetValue(entry, out var was) ? was
                : incoming is null ? entry
                : Receive(entry, incoming);
            changed |= !Same.Equals(entry, became);
            entries.Add((entry, became));
        }

        return (changed ? With(contents, entries) : contents, entries);
    }
}

/// <summary>The stores of one node.</summary>
internal sealed class HotStores
{
    private readonly ConcurrentDictionary<HotStore, bool> _all = new(ReferenceEqualityComparer.Instance);

    internal IEnumerable<HotStore> All => _all.Keys;

    internal void Add(HotStore store) => _all[store] = true;

    internal void Remove(HotStore store) => _all.TryRemove(store, out _);
}
