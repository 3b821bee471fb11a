namespace Midflight;

// The owner and the name of a table: it is given away, inherited, renamed and deleted.
internal sealed partial class TableStore
{
    // Called by an owner, or under the lock.
    private void TakeName(string name)
    {
        if (!_node.Tables.TryAdd(name, this))
        {
            var owner = _node.Tables.TryGetValue(name, out var other) ? $"by a table of {other.Owner}" : "just now";
            throw new InvalidOperationException($"The table name '{name}' is taken {owner}. Use that table, or choose another name.");
        }

        _name = name;
    }

    /// <summary>Gives it another name, or its first.</summary>
    internal void Rename(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        MayWrite();
        Write(() =>
        {
            Present();

            if (_name is { } before && before != name)
            {
                // The old name is removed last, so that the table can be found under one of the names at every moment.
                TakeName(name);
                _node.Tables.TryRemove(KeyValuePair.Create(before, this));
            }
            else if (_name is null)
            {
                TakeName(name);
            }

            return true;
        });
    }

    internal void SetHeir(Pid heir)
    {
        MustOwn("has an owner");
        Write(() =>
        {
            Present();
            return _heir = heir.Cell;
        });
    }

    internal void GiveAway(Pid to)
    {
        MustOwn("has an owner");
        Present();
        var cell = to.Cell is { IsDead: false } alive ? alive
            : throw new InvalidOperationException($"{Capital()} was not given to {to}: that process is not alive. Choose one that is.");
        Process.Here.Bonds.Owned.Remove(this);
        Transfer(cell);
    }

    // A delete at the same time comes before or after.
    private void Transfer(Cell to)
    {
        var from = Write(() =>
        {
            if (Held is null)
            {
                return null;
            }

            var from = _owner;
            _owner = to;

            if (_heir == to)
            {
                _heir = null;
            }

            return from;
        });

        if (from is not null)
        {
            // This arrives before the message, so the receiver owns the table when it learns of it. If the receiver ends first, the table goes on to the heir.
            to.Do(Owned, _ => Dispose());
            to.Send(new TableTransfer(this, from.Pid));
        }
    }

    private void Owned(Cell owner)
    {
        // Not if it was deleted meanwhile.
        if (Contents is not null)
        {
            owner.Bonds.Owned.Add(this);
        }
    }

    internal void Delete()
    {
        if (_access != TableAccess.Public)
        {
            MustOwn("has an owner");
        }

        var owner = Drop() ?? throw Gone();

        if (owner == Cell.Current)
        {
            owner.Bonds.Owned.Remove(this);
        }
        else
        {
            owner.Do(cell => cell.Bonds.Owned.Remove(this));
        }
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

    // Returns the previous owner; null if the table was already gone.
    private Cell? Drop()
    {
        var owner = Write(() =>
        {
            var owner = Held is null ? null : _owner;
            Held = null;
            return owner;
        });

        if (owner is not null)
        {
            _node.Stores.Remove(this);

            if (Name is { } name)
            {
                _node.Tables.TryRemove(KeyValuePair.Create(name, this));
            }
        }

        return owner;
    }
}
