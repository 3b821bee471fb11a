using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Midflight;

/// <summary>The entries of a table. Any number of threads may read while one writes.</summary>
internal abstract class TableContents
{
    // Owned by the writers' lock. Changes only while the contents have no key that it concerns.
    private volatile KeyVersions _keys = KeyVersions.None;

    /// <summary>The code versions of the keys.</summary>
    internal KeyVersions Keys
    {
        get => _keys;
        set => _keys = value;
    }

    internal abstract int Count { get; }

    /// <summary>The entries. Each entry that stays during the whole enumeration comes once.</summary>
    internal abstract IEnumerable<KeyValuePair<object, object>> All { get; }

    internal abstract object? Find(object key);

    /// <summary>Sets the value of a key, or removes it with null.</summary>
    /// <returns>The contents with the change: the same object, if it is mutable.</returns>
    internal abstract TableContents With(object key, object? value);

    /// <summary>Sets the values of several keys. A reader that looks up two of them sees both old values or both new ones.</summary>
    /// <returns>The contents with the change: the same object, if it is mutable.</returns>
    internal abstract TableContents WithAll(IReadOnlyDictionary<object, object> values);

    /// <summary>Contents of this kind with other entries; of entries with the same key, it keeps one.</summary>
    internal abstract TableContents Of(IEnumerable<KeyValuePair<object, object>> entries);

    internal static TableContents Empty(TableKind kind) => kind == TableKind.OrderedSet ? new Sorted(Sorted.None) : new Hashed([]);

    internal sealed class Hashed : TableContents
    {
        // One lock is enough: a table has one writer at a time, and readers need none.
        private readonly ConcurrentDictionary<object, object> _entries = new(concurrencyLevel: 1, capacity: 31);

        // The values being put in together. Readers look here first, so all of them are visible as soon as this is set. It is cleared when they are in the entries:
        //   writer:  _ahead = values ── entries[k1] = … ── entries[k2] = … ── _ahead = null
        // A reader that found a new value in the entries read them after _ahead was set, so it finds each other new value here or in the entries.
        private volatile IReadOnlyDictionary<object, object>? _ahead;

        internal Hashed(IEnumerable<KeyValuePair<object, object>> entries)
        {
            foreach (var (key, value) in entries)
            {
                _entries.TryAdd(key, value);
            }
        }

        internal override int Count => _entries.Count;

        internal override IEnumerable<KeyValuePair<object, object>> All => _entries;

        internal override object? Find(object key) =>
            (_ahead is { } ahead && ahead.TryGetValue(key, out var value)) || _entries.TryGetValue(key, out value) ? value : null;

        internal override TableContents WithAll(IReadOnlyDictionary<object, object> values)
        {
            _ahead = values;

            foreach (var (key, value) in values)
            {
                _entries[key] = value;
            }

            _ahead = null;
            return this;
        }

        internal override TableContents With(object key, object? value)
        {
            if (value is null)
            {
                _entries.TryRemove(key, out _);
            }
            else
            {
                _entries[key] = value;
            }

            return this;
        }

        internal override TableContents Of(IEnumerable<KeyValuePair<object, object>> entries) => new Hashed(entries) { Keys = Keys };
    }

    // Each write creates a new tree that shares all but one path with the old one. So a reader has a tree that nobody changes.
    internal sealed class Sorted(ImmutableSortedSet<KeyValuePair<object, object>> entries) : TableContents
    {
        internal static readonly ImmutableSortedSet<KeyValuePair<object, object>> None =
            ImmutableSortedSet<KeyValuePair<object, object>>.Empty.WithComparer(KeyOrder.Instance);

        internal override int Count => entries.Count;

        internal override IEnumerable<KeyValuePair<object, object>> All => entries;

        internal override object? Find(object key) => entries.TryGetValue(new(key, key), out var entry) ? entry.Value : null;

        internal override TableContents With(object key, object? value)
        {
            var without = entries.Remove(new(key, key));
            return new Sorted(value is null ? without : without.Add(new(key, value))) { Keys = Keys };
        }

        internal override TableContents WithAll(IReadOnlyDictionary<object, object> values)
        {
            var with = entries.ToBuilder();

            foreach (var entry in values)
            {
                with.Remove(entry);
                with.Add(entry);
            }

            return new Sorted(with.ToImmutable()) { Keys = Keys };
        }

        internal override TableContents Of(IEnumerable<KeyValuePair<object, object>> entries) => new Sorted(None.Union(entries)) { Keys = Keys };

        internal ImmutableSortedSet<KeyValuePair<object, object>> Entries => entries;

        /// <summary>The index of the first entry whose key is not before this one, or is after it.</summary>
        internal int From(object key, bool behind)
        {
            var index = entries.IndexOf(new(key, key));
            return index < 0 ? ~index : behind ? index + 1 : index;
        }
    }

    private sealed class KeyOrder : IComparer<KeyValuePair<object, object>>
    {
        internal static readonly KeyOrder Instance = new();

        // By character codes, because the order of a table must not depend on the writer's culture.
        public int Compare(KeyValuePair<object, object> x, KeyValuePair<object, object> y) => (x.Key, y.Key) switch
        {
            (string a, string b) => string.CompareOrdinal(a, b),
            var (a, b) => Comparer<object>.Default.Compare(a, b),
        };
    }
}
