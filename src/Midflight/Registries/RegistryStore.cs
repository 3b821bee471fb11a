using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Midflight;

/// <summary>The entries of one registry. Lookups take no lock.</summary>
internal sealed class RegistryStore : HotStore, IDisposable
{
    private readonly Node _node;
    private readonly bool _isUnique;
    private volatile Entries? _entries = new();

    internal RegistryStore(Node node, string name, RegistryKeys keys)
    {
        (_node, Name, _isUnique) = (node, name, keys == RegistryKeys.Unique);

        if (!node.Registries.TryAdd(name, this))
        {
            throw new InvalidOperationException($"There is a registry '{name}' already. Use that one, or choose another name.");
        }

        node.Stores.Add(this);
    }

    internal string Name { get; }

    internal int Count => _entries?.ByToken.Count ?? 0;

    internal override string Title => $"registry '{Name}'";

    internal override object? Contents => _entries;

    /// <summary>The registry of a name, on the node of the calling process.</summary>
    internal static RegistryStore Of(string name) => Node.Current.Registries.TryGetValue(name, out var store) ? store : throw new InvalidOperationException(
        $"There is no registry '{name}'. Start it first, ahead of those who use it: Registry.Child(\"{name}\") in their supervisor.");

    internal IReadOnlyList<RegistryEntry> Find(object key) => _entries is { } entries && entries.ByKey.TryGetValue(key, out var found)
        ? found as IReadOnlyList<RegistryEntry> ?? [.. ((ConcurrentDictionary<Registration, RegistryEntry>)found).Values]
        : [];

    internal IEnumerable<RegistryEntry> All => _entries?.ByToken.Values ?? [];

    /// <summary>Registers a process whose cell the caller owns.</summary>
    /// <returns>False if the key is another's; of a registry with unique keys.</returns>
    internal bool TryAdd(object key, Cell process, object? value)
    {
        var token = new Registration(this, process);
        var added = Write(() => Present().TryAdd(new(token, key, value), _isUnique));

        if (added)
        {
            process.Bonds.Owned.Add(token);
        }

        return added;
    }

    internal void Remove(Registration token) => Write(() => _entries?.Remove(token));

    /// <summary>Changes the value of each entry that a process has under a key.</summary>
    internal int Change(object key, Pid process, Func<object?, object?> change) => Write(() =>
    {
        var entries = Present();
        var own = Find(key).Where(entry => entry.Pid == process).ToList();

        foreach (var entry in own)
        {
            entries.Put(new(entry.Token, entry.Key, change(entry.Value)), _isUnique);
        }

        return own.Count;
    });

    private Entries Present() => _entries ?? throw new InvalidOperationException($"Registry '{Name}' has ended.");

    /// <summary>The registry's process has ended. Those which were registered live on.</summary>
    public void Dispose()
    {
        _node.Stores.Remove(this);
        _node.Registries.TryRemove(KeyValuePair.Create(Name, this));
        Write(() => _entries = null);
    }

    private protected override void Replace(object contents) => _entries = (Entries)contents;

    private protected override object Convert(object contents, Conversion incoming, out int count)
    {
        var converted = new Entries();
        var changed = false;
        count = 0;

        foreach (var entry in ((Entries)contents).ByToken.Values)
        {
            var now = new RegistryEntry(entry.Token, incoming.Receive(entry.Key), entry.Value is null ? null : incoming.Receive(entry.Value));
            changed |= !ReferenceEquals(now.Key, entry.Key) || !ReferenceEquals(now.Value, entry.Value);
            converted.TryAdd(now, _isUnique);
            count++;
        }

        return changed ? converted : contents;
    }

    // Written under the lock of the store.
    private sealed class Entries
    {
        // To a list of the one entry, or to the entries by their tokens, so that thousands under one key come and go at no cost.
        internal ConcurrentDictionary<object, object> ByKey { get; } = new();

        internal ConcurrentDictionary<Registration, RegistryEntry> ByToken { get; } = new();

        internal bool TryAdd(RegistryEntry entry, bool isUnique)
        {
            if (isUnique && ByKey.ContainsKey(entry.Key))
            {
                return false;
            }

            Put(entry, isUnique);
            return true;
        }

        [SuppressMessage("Style", "IDE0028", Justification = "The array is what a lookup hands out.")]
        internal void Put(RegistryEntry entry, bool isUnique)
        {
            ByToken[entry.Token] = entry;

            if (isUnique)
            {
                ByKey[entry.Key] = new[] { entry };
            }
            else
            {
                var same = (ConcurrentDictionary<Registration, RegistryEntry>)ByKey.GetOrAdd(entry.Key, static _ => new ConcurrentDictionary<Registration, RegistryEntry>());
                same[entry.Token] = entry;
            }
        }

        internal bool Remove(Registration token)
        {
            if (!ByToken.TryRemove(token, out var entry))
            {
                return false;
            }

            if (!ByKey.TryGetValue(entry.Key, out var found) || found is not ConcurrentDictionary<Registration, RegistryEntry> same)
            {
                ByKey.TryRemove(entry.Key, out _);
            }
            else if (same.TryRemove(token, out _) && same.IsEmpty)
            {
                ByKey.TryRemove(entry.Key, out _);
            }

            return true;
        }
    }
}
