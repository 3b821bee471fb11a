using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A table of whatever types: it stays when types of hot code are replaced, and <see cref="Table{TKey, TValue}"/> is a view of it.</summary>
internal sealed class TableStore : HotStore<TableContents, KeyValuePair<object, object>>, IDisposable
{
    private readonly Node _node;
    private readonly TableAccess _access;

    // Changed by the owner, or when it has ended.
    private volatile Cell _owner;
    private volatile Cell? _heir;

    internal TableStore(Cell owner, TableKind kind, TableAccess access, string? name)
    {
        (_node, _owner, _access, Kind, Name) = (owner.Node, owner, access, kind, name);
        Held = TableContents.Empty(kind);

        if (name is not null && !_node.Tables.TryAdd(name, this))
        {
            throw new InvalidOperationException($"The table name '{name}' is taken by a table of {_node.Tables[name].Owner}. Use that one, or choose another name.");
        }

        owner.Bonds.Owned.Add(this);
        _node.Stores.Add(this);
    }

    internal TableKind Kind { get; }

    internal string? Name { get; }

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

    /// <param name="key">Which.</param>
    /// <param name="mayBeHot">Whether the key may be of another code version than those of the table.</param>
    /// <param name="value">What is put in.</param>
    internal void Set(object key, bool mayBeHot, object value)
    {
        MayWrite();
        Write(() => Held = Put(Present(), mayBeHot ? Own(key) : key, value));
    }

    /// <summary>Changes what is at a key, as one step; null is nothing.</summary>
    /// <returns>What was there and what is there.</returns>
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
        return contents.With(key, value);
    }

    internal void Clear()
    {
        MayWrite();
        Write(() =>
        {
            Changed();
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

    private InvalidOperationException Gone() => new($"{Capital()} is gone: it was deleted, or has ended with its owner. Give it an heir to keep it, or create it anew.");

    internal void SetHeir(Pid heir)
    {
        MustOwn("has an owner");
        _heir = heir.Cell;
    }

    internal void GiveAway(Pid to)
    {
        MustOwn("has an owner");
        var cell = to.Cell is { IsDead: false } alive ? alive
            : throw new InvalidOperationException($"{Capital()} was not given to {to}: no such process. Choose one that is alive.");
        _owner.Bonds.Owned.Remove(this);
        Transfer(cell);
    }

    private void Transfer(Cell to)
    {
        var from = _owner;
        _owner = to;

        if (_heir == to)
        {
            _heir = null;
        }

        // It is in front of the message, so the receiver owns it when it learns of it; and if it ends first, the table goes on to the heir.
        to.Do(owner => owner.Bonds.Owned.Add(this), _ => Dispose());
        to.Send(new TableTransfer(this, from.Pid));
    }

    internal void Delete()
    {
        MustOwn("has an owner");
        _owner.Bonds.Owned.Remove(this);
        Drop();
    }

    /// <summary>The owner has ended.</summary>
    public void Dispose()
    {
        if (_heir is { IsDead: false } heir && heir != _owner)
        {
            Transfer(heir);
        }
        else
        {
            Drop();
        }
    }

    private void Drop()
    {
        _node.Stores.Remove(this);

        if (Name is not null)
        {
            _node.Tables.TryRemove(KeyValuePair.Create(Name, this));
        }

        Write(() => Held = null);
    }

    private protected override IEqualityComparer<KeyValuePair<object, object>> Same => SameEntry.Instance;

    private protected override IEnumerable<KeyValuePair<object, object>> Entries(TableContents contents) => contents.All;

    private protected override KeyValuePair<object, object> Receive(KeyValuePair<object, object> entry, Conversion incoming)
    {
        var (key, value) = entry;

        try
        {
            return new(
                incoming.Receive(key),
                Kind == TableKind.Bag ? Received((ImmutableList<object>)value, incoming) : incoming.Receive(value));
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

    // A rehearsal takes no lock, so it may meet an entry twice that is written meanwhile: that is none.
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
