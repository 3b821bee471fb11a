using System.Collections.Concurrent;

namespace Midflight;

/// <summary>Something that a node keeps outside its processes and that may contain values of hot code: a table, a registry, a persistent value.</summary>
/// <remarks>
/// An upgrade includes it in its transaction, like the states of processes: it is rehearsed on a copy, converted while the processes that
/// change code are suspended, and restored if the upgrade fails. Until then, and while an older version still reads, a value is converted
/// for each reader.
/// </remarks>
internal abstract class HotStore
{
    /// <summary>Names the store in messages.</summary>
    internal abstract string Title { get; }

    /// <summary>The container of the values; null if the store is gone.</summary>
    internal abstract object? Contents { get; }

    /// <summary>All entries. An entry that is there from the beginning to the end of an enumeration comes once.</summary>
    internal abstract IEnumerable<object> Stored { get; }

    /// <summary>Converts everything and throws the result away.</summary>
    /// <returns>The number of values.</returns>
    /// <exception cref="ConversionException">A value cannot be converted.</exception>
    internal abstract int Rehearse(Conversion incoming);

    /// <summary>Converts everything, in one step for readers.</summary>
    /// <param name="into">The target code version.</param>
    /// <param name="from">The old version, for a rollback. Default: there will be none.</param>
    /// <returns>An action that restores the old content and converts back what was written meanwhile; null if there is nothing.</returns>
    /// <exception cref="ConversionException">A value cannot be converted; nothing has changed.</exception>
    internal abstract Action? Bring(CodeVersion into, CodeVersion? from = null);
}

/// <summary>A store of entries of one kind.</summary>
/// <typeparam name="TContents">The container of the entries.</typeparam>
/// <typeparam name="TEntry">An entry; never changed, but replaced by another.</typeparam>
internal abstract class HotStore<TContents, TEntry> : HotStore
    where TContents : class
    where TEntry : notnull
{
    // A writer and a conversion exclude each other; readers take no lock.
    private readonly Lock _lock = new();

    // Replaced under the lock.
    private volatile TContents? _held;

    // Owned by the lock. Counts changes, so that a rollback knows whether what it has kept is still complete.
    private long _changes;

    internal override object? Contents => _held;

    internal override IEnumerable<object> Stored => _held is { } contents ? Entries(contents).Cast<object>() : [];

    /// <summary>The container of the entries; null if the store is gone. Set by a writer, in <see cref="Write{T}"/>.</summary>
    private protected TContents? Held
    {
        get => _held;
        set => _held = value;
    }

    /// <summary>Compares whether an entry is still the same one.</summary>
    private protected abstract IEqualityComparer<TEntry> Same { get; }

    private protected abstract IEnumerable<TEntry> Entries(TContents contents);

    /// <summary>An entry with key and value converted; the same objects if nothing in them is of another version.</summary>
    private protected abstract TEntry Receive(TEntry entry, Conversion incoming);

    /// <summary>Contents of the same kind with other entries.</summary>
    /// <exception cref="ConversionException">Two keys have become equal.</exception>
    private protected abstract TContents With(TContents contents, IReadOnlyCollection<(TEntry Was, TEntry Is)> entries);

    /// <summary>Records the version of an application's keys.</summary>
    private protected abstract void Note(TContents contents, CodeVersion keys);

    /// <summary>Writes, while no other writer does.</summary>
    private protected T Write<T>(Func<T> write)
    {
        lock (_lock)
        {
            return write();
        }
    }

    /// <summary>Reports, within a <see cref="Write{T}"/>, that something has changed.</summary>
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
                // Anything that nobody has written since is restored as it was, because converting there and back may lose something.
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
