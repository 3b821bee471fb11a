using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A table in memory that a process owns and others may read: OTP's <c>ets</c>.</summary>
/// <typeparam name="TKey">The type of the keys. A key must not change once it is in the table.</typeparam>
/// <typeparam name="TValue">The type of the values. Use an immutable type: all readers share a value, it is not copied.</typeparam>
/// <remarks>
/// <para>Reading takes no lock and does not wait for writers. Each write is one step: nobody sees half of it. Writers take turns.</para>
/// <para>
/// A table lives as long as its owner, or goes to its heir. It lives across code versions: an upgrade converts its content in the switch,
/// as part of its transaction, and a table held in a state is carried over. A table variable is only a reference, and
/// copies of it are the same table.
/// </para>
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "A table is a table.")]
public sealed partial class Table<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
    where TValue : notnull
{
    // Other keys are looked up as they are, at no cost.
    private static readonly bool s_mayBeHot = KeyVersions.MayConcern(typeof(TKey));

    // The version of all keys of this type, if the type determines it.
    private static readonly CodeVersion? s_version = typeof(TKey) is { IsSealed: true, IsGenericType: false } ? CodeVersion.Of(typeof(TKey)) : null;

    private static readonly (Type? Key, Type? Value) s_types = (TableStore.Plain(typeof(TKey)), TableStore.Plain(typeof(TValue)));

    internal Table(TableStore store) => Store = store;

    /// <summary>A view of a table.</summary>
    /// <exception cref="InvalidCastException">It was created with other types.</exception>
    internal static Table<TKey, TValue> Of(TableStore store) => new(store.As(typeof(TKey), typeof(TValue), s_types));

    /// <summary>Creates a table. The calling process owns it.</summary>
    /// <param name="kind">Default: <see cref="TableKind.Set"/>.</param>
    /// <param name="access">Who else may use it. Default: others may read.</param>
    /// <param name="name">For <see cref="Find"/>; unique on a node. Default: none.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or this is not a process.</exception>
    public Table(TableKind kind = TableKind.Set, TableAccess access = TableAccess.Protected, string? name = null)
        : this(new TableStore(Process.Here, kind, access, name, s_types))
    {
    }

    /// <summary>The table with a name; null if there is none on this node.</summary>
    /// <exception cref="InvalidCastException">It was created with other types.</exception>
    [SuppressMessage("Design", "CA1000", Justification = "The types are those with which the table was opened.")]
    public static Table<TKey, TValue>? Find(string name) => Node.Current.Tables.TryGetValue(name, out var store) ? Of(store) : null;

    internal TableStore Store { get; }

    /// <summary>Its name; null if it has none.</summary>
    public string? Name => Store.Name;

    /// <summary>The process that owns it.</summary>
    public Pid Owner => Store.Owner;

    /// <summary>The process that gets it when its owner ends, with a <see cref="TableTransfer"/> message; the pid of no process if nobody does. Set by the owner.</summary>
    public Pid Heir
    {
        get => Store.Heir;
        set => Store.SetHeir(value);
    }

    /// <summary>The number of entries; in a bag, each value counts.</summary>
    public int Count => Store.Count;

    /// <summary>The value of a key; in a bag, the oldest.</summary>
    /// <exception cref="KeyNotFoundException">The key is not in the table.</exception>
    /// <remarks>Setting replaces the existing value; in a bag, all existing values.</remarks>
    public TValue this[TKey key]
    {
        get => TryGet(key, out var value) ? value : throw new KeyNotFoundException($"{key} is not in {Store.Title}. Use TryGet where it may be missing.");
        set => Store.Set(Some(key), s_mayBeHot, Held(value));
    }

    /// <summary>Looks a key up.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; in a bag, the oldest.</param>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (Entry(key) is not { } found)
        {
            value = default;
            return false;
        }

        value = Value(Store.IsBag ? ((ImmutableList<object>)found)[0] : found);
        return true;
    }

    /// <summary>All values of a key: none or one; in a bag, any number.</summary>
    public IReadOnlyList<TValue> Lookup(TKey key) => Values(Entry(key));

    private ImmutableList<TValue> Values(object? found) => found switch
    {
        null => [],
        ImmutableList<object> values when Store.IsBag => values.ConvertAll(Value),
        var value => [Value(value)],
    };

    /// <summary>Whether the table has a key.</summary>
    public bool Contains(TKey key) => Entry(key) is not null;

    /// <summary>The entries whose keys lie between two keys, both included, in order. Only for an ordered set.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Between(TKey first, TKey last)
    {
        var sorted = Sorted();
        return Range(sorted, sorted.From(Key(first, sorted), behind: false), sorted.From(Key(last, sorted), behind: true));
    }

    /// <summary>The entries after a key, in order, starting with the next one. Only for an ordered set.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> After(TKey key)
    {
        var sorted = Sorted();
        return Range(sorted, sorted.From(Key(key, sorted), behind: true), sorted.Count);
    }

    /// <summary>The entries before a key, the nearest first. Only for an ordered set.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Before(TKey key)
    {
        var sorted = Sorted();
        return Range(sorted, sorted.From(Key(key, sorted), behind: false) - 1, -1);
    }

    private static IEnumerable<KeyValuePair<TKey, TValue>> Range(TableContents.Sorted sorted, int from, int to)
    {
        for (var i = from; i != to && (from < to || i > to); i += from < to ? 1 : -1)
        {
            yield return Entry(sorted.Entries[i].Key, sorted.Entries[i].Value);
        }
    }

    private TableContents.Sorted Sorted() => Store.Read() as TableContents.Sorted ?? throw new InvalidOperationException(
        $"{Store.Title} has no order. Create it as TableKind.OrderedSet.");

    private void MustBeSet(string what)
    {
        if (Store.IsBag)
        {
            throw new InvalidOperationException($"{what} needs a table with one value per key, but {Store.Title} is a bag. Use Lookup, Insert, Remove, and Take(key) for all values.");
        }
    }

    /// <summary>Gives the table to another process, which gets a <see cref="TableTransfer"/> message. Only the owner may do this.</summary>
    /// <exception cref="InvalidOperationException">The table is gone, it belongs to another process, or the receiver has ended.</exception>
    public void GiveAway(Pid process) => Store.GiveAway(process);

    /// <summary>Gives the table another name, or its first. Only the owner may do this; with a public table, anyone.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, the table is gone, or it belongs to another process.</exception>
    public void Rename(string name) => Store.Rename(name);

    /// <summary>Deletes the table. Only the owner may do this; with a public table, anyone.</summary>
    /// <exception cref="InvalidOperationException">The table is gone, or it belongs to another process.</exception>
    public void Delete() => Store.Delete();

    /// <summary>The entries. An ordered set: in order, as they were at one moment. Other tables: each entry that stays during the whole enumeration, once.</summary>
    /// <remarks>Match and select with LINQ: <c>table.Where(entry => entry.Value > 3).Select(entry => entry.Key)</c>.</remarks>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        foreach (var (key, value) in Store.Read().All)
        {
            if (value is ImmutableList<object> values && Store.IsBag)
            {
                foreach (var one in values)
                {
                    yield return Entry(key, one);
                }
            }
            else
            {
                yield return Entry(key, value);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => Store.Title;

    private static KeyValuePair<TKey, TValue> Entry(object key, object value) => new(Door.Read<TKey>(key), Value(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TValue Value(object value) => Door.Read<TValue>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private object? Entry(TKey key)
    {
        var contents = Store.Read();
        return contents.Find(Key(key, contents));
    }

    // The key in the form that these contents use.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static object Key(TKey key, TableContents among) => s_mayBeHot && !among.Keys.Contains(s_version) ? among.Keys.Own(key) : key;
}

/// <summary>Tables that count.</summary>
public static class TableCounters
{
    /// <summary>Adds to a counter, as one step: OTP's <c>update_counter</c>. A missing counter starts at zero.</summary>
    /// <returns>The new count.</returns>
    public static long Add<TKey>(this Table<TKey, long> table, TKey key, long amount)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Update(key, 0, count => count + amount);
    }
}
