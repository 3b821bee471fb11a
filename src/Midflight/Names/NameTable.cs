using System.Collections.Concurrent;

namespace Midflight;

/// <summary>The names of one node's processes.</summary>
internal sealed class NameTable
{
    private readonly ConcurrentDictionary<string, Cell> _names = new();

    internal Cell? Find(string name) => _names.GetValueOrDefault(name);

    internal IEnumerable<KeyValuePair<string, Cell>> All => _names;

    /// <summary>Registers a process whose cell the caller owns.</summary>
    internal bool TryAdd(string name, Cell cell)
    {
        if (!_names.TryAdd(name, cell))
        {
            return false;
        }

        cell.Bonds.Names.Add(name);
        return true;
    }

    internal void Register(string name, Pid process)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var cell = process.Cell;

        if (cell is null || cell.IsDead)
        {
            throw new InvalidOperationException($"Process {process} has ended, so it cannot be registered as '{name}'.");
        }

        if (!_names.TryAdd(name, cell))
        {
            throw new InvalidOperationException($"The name '{name}' is taken by {Find(name)?.Pid}. Unregister it first, or choose another.");
        }

        if (cell == Cell.Current)
        {
            cell.Bonds.Names.Add(name);
            return;
        }

        // The list of names belongs to its owner. If the process ends before it learns of this name, the name is removed as well.
        cell.Do(
            owner =>
            {
                // It may have been unregistered meanwhile.
                if (Find(name) == owner)
                {
                    owner.Bonds.Names.Add(name);
                }
            },
            _ => Remove(name, cell));
    }

    internal void Unregister(string name)
    {
        if (_names.TryRemove(name, out var cell))
        {
            cell.Do(owner => owner.Bonds.Names.Remove(name));
        }
        else
        {
            throw new InvalidOperationException($"No process is registered as '{name}'.");
        }
    }

    internal void Remove(string name, Cell cell) => _names.TryRemove(new KeyValuePair<string, Cell>(name, cell));
}
