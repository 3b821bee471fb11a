using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Midflight;

/// <summary>The entries of one registry. Lookups take no lock.</summary>
internal sealed class RegistryStore : HotStore<RegistryStore.EntryTable, RegistryEntry>, IDisposable
{
    private readonly Node _node;

    private readonly IReadOnlyList<string> _listeners;
    private readonly ConcurrentDictionary<string, PersistentSlot> _meta = new();

    internal RegistryStore(Node node, string name, RegistryKeys keys, IReadOnlyList<string> listeners)
    {
        (_node, Name, IsUnique, _listeners) = (node, name, keys == RegistryKeys.Unique, listeners);
        Held = new();

        if (!node.Registries.TryAdd(name, this))
        {
            throw new InvalidOperationException($"There is already a registry '{name}'. Use that one, or choose another name.");
        }

        node.Stores.Add(this);
    }

    internal string Name { get; }

    internal bool IsUnique { get; }

    internal RegistryLocks Locks { get; } = new();

    /// <summary>The slot for a value of the registry's metadata.</summary>
    internal PersistentSlot Meta(string key) => _meta.GetOrAdd(key, static (key, store) => new(store._node, $"{key}' of registry '{store.Name}"), this);

    /// <summary>The same, if there is one.</summary>
    internal PersistentSlot? FindMeta(string key) => _meta.GetValueOrDefault(key);

    internal int Count => Held?.ByToken.Count ?? 0;

    internal override string Title => $"registry '{Name}'";

    /// <summary>The registry with a name, on the node of the calling process.</summary>
    internal static RegistryStore Of(string name) => Node.Current.Registries.TryGetValue(name, out var store) ? store : throw new InvalidOperationException(
        $"There is no registry '{name}'. Start it before its users: Registry.Child(\"{name}\") in their supervisor.");

    internal IReadOnlyList<RegistryEntry> Find(object key) => Held is { } entries && entries.ByKey.TryGetValue(entries.Keys.Own(key), out var found)
        ? found as IReadOnlyList<RegistryEntry> ?? [.. ((ConcurrentDictionary<Registration, RegistryEntry>)found).Values]
        : [];

    internal IEnumerable<RegistryEntry> All => Held?.ByToken.Values ?? [];

    /// <summary>Registers a process whose cell the caller owns.</summary>
    /// <returns>False if the key belongs to another process; only for unique keys.</returns>
    internal bool TryAdd(object key, Cell process, object? value)
    {
        var token = new Registration(this, process);
        var added = Write(() =>
        {
            var entries = Present();
            entries.Keys = entries.Keys.For(key);
            return entries.TryAdd(new(token, entries.Keys.Own(key), value), IsUnique) && Noted();
        });

        if (added)
        {
            process.Bonds.Owned.Add(token);
            Tell(new(Name, key, process.Pid, value, Registered: true));
        }

        return added;
    }

    internal void Remove(Registration token)
    {
        var removed = Write(() =>
        {
            var entry = Held?.Remove(token);
            _ = entry is not null && Noted();
            return entry;
        });

        if (removed is not null)
        {
            Tell(new(Name, removed.StoredKey, token.Process.Pid, null, Registered: false));
        }
    }

    private void Tell(RegistryChange change)
    {
        foreach (var listener in _listeners)
        {
            _node.Names.Find(listener)?.Send(change);
        }
    }

    /// <summary>Changes the value that a process has under a key.</summary>
    /// <returns>Whether it has one.</returns>
    /// <exception cref="InvalidOperationException">The keys are not unique.</exception>
    internal bool Change(object key, Pid process, Func<object?, object?> change) => Write(() =>
    {
        if (!IsUnique)
        {
            throw new InvalidOperationException(
                $"Registry '{Name}' has duplicate keys, so one key may have several values. Unregister and register again, or use a registry of unique keys.");
        }

        var entries = Present();

        if (Find(key) is not [var entry, ..] || entry.Pid != process)
        {
            return false;
        }

        entries.Put(new(entry.Token, entry.StoredKey, change(entry.Value)), isUnique: true);
        return Noted();
    });

    private bool Noted()
    {
        Changed();
        return true;
    }

    private EntryTable Present() => Held ?? throw new InvalidOperationException($"Registry '{Name}' has ended.");

    /// <summary>The registry's process has ended. The registered processes live on.</summary>
    public void Dispose()
    {
        _node.Stores.Remove(this);
        _node.Registries.TryRemove(KeyValuePair.Create(Name, this));
        Write(() => Held = null);

        foreach (var slot in _meta.Values)
        {
            _node.Stores.Remove(slot);
        }
    }

    private protected override IEqualityComparer<RegistryEntry> Same => ReferenceEqualityComparer.Instance;

    private protected override IEnumerable<RegistryEntry> Entries(EntryTable contents) => contents.ByToken.Values;

    private protected override RegistryEntry Receive(RegistryEntry entry, Conversion incoming)
    {
        var (key, value) = (incoming.Receive(entry.StoredKey), entry.Stored is null ? null : incoming.Receive(entry.Stored));
        return ReferenceEquals(key, entry.StoredKey) && ReferenceEquals(value, entry.Stored) ? entry : new(entry.Token, key, value);
    }

    private protected override EntryTable With(EntryTable contents, IReadOnlyCollection<(RegistryEntry Was, RegistryEntry Is)> entries)
    {
        var with = new EntryTable { Keys = contents.Keys };

        foreach (var (was, now) in entries)
        {
            if (with.TryAdd(now, IsUnique))
            {
                continue;
            }

            // A rehearsal takes no lock, so a key may have moved from one process to another meanwhile. That is not a collision.
            var first = with.First(now.StoredKey).Token;
            var other = entries.First(entry => entry.Was.Token == first).Was.StoredKey;

            if (!other.Equals(was.StoredKey))
            {
                throw Collision(other, was.StoredKey, now.StoredKey);
            }
        }

        return with;
    }

    private protected override void Note(EntryTable contents, CodeVersion keys) => contents.Keys = contents.Keys.With(keys);

    // Written under the store's lock.
    internal sealed class EntryTable
    {
        // Changes only while the table has no key that it concerns.
        private volatile KeyVersions _keys = KeyVersions.None;

        /// <summary>The code versions of the keys.</summary>
        internal KeyVersions Keys
        {
            get => _keys;
            set => _keys = value;
        }

        // Maps a key to a list with the one entry, or to the entries by token, so that adding and removing thousands under one key is cheap.
        internal ConcurrentDictionary<object, object> ByKey { get; } = new();

        internal ConcurrentDictionary<Registration, RegistryEntry> ByToken { get; } = new();

        internal RegistryEntry First(object uniqueKey) => ((RegistryEntry[])ByKey[uniqueKey])[0];

        internal bool TryAdd(RegistryEntry entry, bool isUnique)
        {
            if (isUnique && ByKey.ContainsKey(entry.StoredKey))
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
                ByKey[entry.StoredKey] = new[] { entry };
            }
            else
            {
                var same = (ConcurrentDictionary<Registration, RegistryEntry>)ByKey.GetOrAdd(entry.StoredKey, static _ => new ConcurrentDictionary<Registration, RegistryEntry>());
                same[entry.Token] = entry;
            }
        }

        /// <returns>The removed entry; null if there was none.</returns>
        internal RegistryEntry? Remove(Registration token)
        {
            if (!ByToken.TryRemove(token, out var entry))
            {
                return null;
            }

            if (!ByKey.TryGetValue(entry.StoredKey, out var found) || found is not ConcurrentDictionary<Registration, RegistryEntry> same)
            {
                ByKey.TryRemove(entry.StoredKey, out _);
            }
            else if (same.TryRemove(token, out _) && same.IsEmpty)
            {
                ByKey.TryRemove(entry.StoredKey, out _);
            }

            return entry;
        }
    }
}
