using System.Collections.Immutable;

namespace Midflight;

/// <summary>A table of whatever types: it stays when types of hot code are replaced, and <see cref="Table{TKey, TValue}"/> is a view of it.</summary>
internal sealed class TableStore : HotStore, IDisposable
{
    private readonly Node _node;
    private readonly TableAccess _access;

    // Null once the table is gone. Replaced under the lock of writers.
    private volatile TableContents? _contents;

    // Changed by the owner, or when it has ended.
    private volatile Cell _owner;
    private volatile Cell? _heir;

    internal TableStore(Cell owner, TableKind kind, TableAccess access, string? name)
    {
        (_node, _owner, _access, Kind, Name) = (owner.Node, owner, access, kind, name);
        _contents = TableContents.Empty(kind);

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

    internal override object? Contents => _contents;

    private protected override void Replace(object contents) => _contents = (TableContents)contents;

    /// <summary>The entries, for a reader.</summary>
    internal TableContents Read()
    {
        if (_access == TableAccess.Private)
        {
            MustOwn("is private");
        }

        return _contents ?? throw Gone();
    }

    internal void Set(object key, object value)
    {
        MayWrite();
        Write(() => _contents = Present().With(key, value));
    }

    /// <summary>Changes what is at a key, as one step; null is nothing.</summary>
    /// <returns>What was there and what is there.</returns>
    internal (object? Was, object? Is) Change(object key, Func<object?, object?> change)
    {
        MayWrite();
        return Write(() =>
        {
            var contents = Present();
            var was = contents.Find(key);
            var now = change(was);

            if (!ReferenceEquals(was, now))
            {
                _contents = contents.With(key, now);
            }

            return (was, now);
        });
    }

    internal void Clear()
    {
        MayWrite();
        Write(() => _contents = Present().Of([]));
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

    private TableContents Present() => _contents ?? throw Gone();

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
        to.Post(new Message(new TableTransfer(this, from.Pid)));
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

        Write(() => _contents = null);
    }

    private protected override object Convert(object contents, Conversion incoming, out int count)
    {
        var converted = new List<KeyValuePair<object, object>>();
        var changed = false;

        foreach (var (key, value) in ((TableContents)contents).All)
        {
            try
            {
                var entry = KeyValuePair.Create(
                    incoming.Receive(key),
                    Kind == TableKind.Bag ? Received((ImmutableList<object>)value, incoming) : incoming.Receive(value));
                changed |= !ReferenceEquals(entry.Key, key) || !ReferenceEquals(entry.Value, value);
                converted.Add(entry);
            }
            catch (ConversionException exception)
            {
                throw new ConversionException($"The entry {Excerpt.Of(key, longest: 100)} of {Title}: {exception.Message}", exception);
            }
        }

        count = converted.Count;
        return changed ? ((TableContents)contents).Of(converted) : contents;
    }

    private static ImmutableList<object> Received(ImmutableList<object> values, Conversion incoming)
    {
        var received = values.ConvertAll(incoming.Receive);
        return received.SequenceEqual(values, ReferenceEqualityComparer.Instance) ? values : received;
    }
}
