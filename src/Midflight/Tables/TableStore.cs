using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A table of any types. It stays when types of hot code are replaced; <see cref="Table{TKey, TValue}"/> is a view of it.</summary>
internal sealed partial class TableStore : HotStore<TableContents, KeyValuePair<object, object>>, IDisposable
{
    private readonly Node _node;
    private readonly TableAccess _access;

    // The types it was created with; null for those that mention hot code, which a table must not keep in memory.
    private readonly (Type? Key, Type? Value) _types;

    // Changed under the lock. A deleted table has neither.
    private volatile Cell _owner;
    private volatile Cell? _heir;
    private volatile string? _name;

    // Owned by the lock. For a bag, whose keys have several values.
    private int _values;

    internal TableStore(Cell owner, TableKind kind, TableAccess access, string? name, (Type? Key, Type? Value) types)
    {
        (_node, _owner, _access, Kind, _types) = (owner.Node, owner, access, kind, types);
        Held = TableContents.Empty(kind);

        if (name is not null)
        {
            TakeName(name);
        }

        owner.Bonds.Owned.Add(this);
        _node.Stores.Add(this);
    }

    internal TableKind Kind { get; }

    internal TableAccess Access => _access;

    internal bool IsBag => Kind is TableKind.Bag or TableKind.DuplicateBag;

    internal string? Name => _name;

    /// <summary>The number of values; in a bag, this is more than the number of keys.</summary>
    internal int Count => Read() is var contents && IsBag ? Volatile.Read(ref _values) : contents.Count;

    /// <summary>The same, for a listing of all tables; null if the table is gone.</summary>
    internal int? Size => Held is not { } contents ? null : IsBag ? Volatile.Read(ref _values) : contents.Count;

    internal (Type? Key, Type? Value) Types => _types;

    /// <summary>The store, if it was created with these types. Types of hot code are not compared: two versions count as one.</summary>
    /// <exception cref="InvalidCastException">It was created with other types.</exception>
    internal TableStore As(Type key, Type value, (Type? Key, Type? Value) types) => types == _types ? this : throw new InvalidCastException(
        $"{Capital()} is a table of {_types.Key?.ToString() ?? "a hot type"} to {_types.Value?.ToString() ?? "a hot type"}, but was opened as one of {key} to {value}. Use the types that it was created with.");

    /// <summary>The type that distinguishes tables: null for a type that mentions hot code.</summary>
    internal static Type? Plain(Type type) => CodeVersion.Mentioned(type).Any() ? null : type;

    internal Pid Owner => _owner.Pid;

    internal Pid Heir => _heir is { } heir ? heir.Pid : default;

    internal override string Title => Name is null ? $"a table of {Owner}" : $"table '{Name}' of {Owner}";

    /// <summary>The entries, for a reader.</summary>
    internal TableContents Read()
    {
        if (_access == TableAccess.Private)
        {
            MustOwn("is private");
        }

        return Present();
    }

    /// <param name="key">The key.</param>
    /// <param name="mayBeHot">Whether the key may be of another code version than those of the table.</param>
    /// <param name="value">The new value.</param>
    internal void Set(object key, bool mayBeHot, object value)
    {
        MayWrite();
        Write(() => Held = Put(Present(), mayBeHot ? Own(key) : key, value));
    }

    /// <summary>Changes the values of several keys, in one step for readers that look keys up.</summary>
    /// <param name="entries">The keys with their new values.</param>
    /// <param name="mayBeHot">Whether a key may be of another code version than those of the table.</param>
    /// <param name="merge">Gets the existing value (null for none) and the new one.</param>
    /// <param name="onlyNew">Whether an existing key refuses the whole change.</param>
    /// <returns>Whether all were put in; otherwise none was.</returns>
    internal bool SetAll(IEnumerable<KeyValuePair<object, object>> entries, bool mayBeHot, Func<object?, object, object> merge, bool onlyNew)
    {
        MayWrite();
        return Write(() =>
        {
            var contents = Present();
            var changed = new Dictionary<object, object>();
            var added = 0;

            foreach (var (key, value) in entries)
            {
                var own = mayBeHot ? Own(key) : key;
                var was = changed.TryGetValue(own, out var before) ? before : contents.Find(own);

                if (onlyNew && before is null && was is not null)
                {
                    return false;
                }

                var merged = merge(was, value);
                added += Values(merged) - Values(was);
                changed[own] = merged;
            }

            Changed();
            _values += added;
            Held = contents.WithAll(changed);
            return true;
        });
    }

    private int Values(object? value) => value is null || !IsBag ? 0 : ((ImmutableList<object>)value).Count;

    /// <summary>Changes the value of a key, as one step; null means none.</summary>
    /// <returns>The old and the new value.</returns>
    internal (object? Was, object? Is) Change(object key, bool mayBeHot, Func<object?, object?> change)
    {
        MayWrite();
        return Write(() =>
        {
            var contents = Present();
            var own = mayBeHot ? Own(key) : key;
            var was = contents.Find(own);
            var now = change(was);

            if (!ReferenceEquals(was, now))
            {
                Held = Put(contents, own, now);
            }

            return (was, now);
        });
    }

    // Under the lock, so that no conversion comes in between.
    private object Own(object key)
    {
        var contents = Present();
        contents.Keys = contents.Keys.For(key);
        return contents.Keys.Own(key);
    }

    private TableContents Put(TableContents contents, object key, object? value)
    {
        Changed();

        if (IsBag)
        {
            _values += Values(value) - Values(contents.Find(key));
        }

        return contents.With(key, value);
    }

    internal void Clear()
    {
        MayWrite();
        Write(() =>
        {
            Changed();
            _values = 0;
            return Held = Present().Of([]);
        });
    }

    private void MayWrite()
    {
        if (_access != TableAccess.Public)
        {
            MustOwn($"is {(_access == TableAccess.Private ? "private" : "protected")}");
        }
    }

    private void MustOwn(string why)
    {
        if (Cell.Current != _owner)
        {
            throw new InvalidOperationException($"{Capital()} {why}, so only its owner may do that. Ask the owner, or create the table as Public.");
        }
    }

    private string Capital() => char.ToUpperInvariant(Title[0]) + Title[1..];

    private TableContents Present() => Held ?? throw Gone();

    private InvalidOperationException Gone() => new($"{Capital()} is gone: it was deleted or ended with its owner. Give it an heir to keep it, or create it again.");

    private protected override IEqualityComparer<KeyValuePair<object, object>> Same => SameEntry.Instance;

    private protected override IEnumerable<KeyValuePair<object, object>> Entries(TableContents contents) => contents.All;

    private protected override KeyValuePair<object, object> Receive(KeyValuePair<object, object> entry, Conversion incoming)
    {
        var (key, value) = entry;

        try
        {
            return new(
                incoming.Receive(key),
                IsBag ? Received((ImmutableList<object>)value, incoming) : incoming.Receive(value));
        }
        catch (ConversionException exception)
        {
            throw new ConversionException($"The entry {Excerpt.Of(key, longest: 100)} of {Title}: {exception.Message}", exception);
        }
    }

    private static ImmutableList<object> Received(ImmutableList<object> values, Conversion incoming)
    {
        var received = values.ConvertAll(incoming.Receive);
        return received.SequenceEqual(values, ReferenceEqualityComparer.Instance) ? values : received;
    }

    private protected override TableContents With(
        TableContents contents, IReadOnlyCollection<(KeyValuePair<object, object> Was, KeyValuePair<object, object> Is)> entries)
    {
        var with = contents.Of(entries.Select(entry => entry.Is));

        if (with.Count < entries.Count)
        {
            ThrowCollision(entries);
        }

        return with;
    }

    // A rehearsal takes no lock, so it may see an entry twice that is written meanwhile. That is not a collision.
    private void ThrowCollision(IEnumerable<(KeyValuePair<object, object> Was, KeyValuePair<object, object> Is)> entries)
    {
        var seen = TableContents.Empty(Kind);

        foreach (var (was, now) in entries)
        {
            if (seen.Find(now.Key) is { } other && !Equals(other, was.Key))
            {
                throw Collision(other, was.Key, now.Key);
            }

            seen = seen.With(now.Key, was.Key);
        }
    }

    private protected override void Note(TableContents contents, CodeVersion keys) => contents.Keys = contents.Keys.With(keys);

    private sealed class SameEntry : IEqualityComparer<KeyValuePair<object, object>>
    {
        internal static readonly SameEntry Instance = new();

        public bool Equals(KeyValuePair<object, object> x, KeyValuePair<object, object> y) =>
            ReferenceEquals(x.Key, y.Key) && ReferenceEquals(x.Value, y.Value);

        public int GetHashCode(KeyValuePair<object, object> entry) => RuntimeHelpers.GetHashCode(entry.Key);
    }
}
