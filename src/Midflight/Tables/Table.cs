using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A table in memory that a process owns and others may read: OTP's <c>ets</c>.</summary>
/// <typeparam name="TKey">What entries are found by. Must not change once it is in.</typeparam>
/// <typeparam name="TValue">What is kept. Immutable is best: a value is shared by all who read it, not copied.</typeparam>
/// <remarks>
/// <para>Reading takes no lock and does not wait for writers. Each write is one step: nobody sees half of it. Writers take turns.</para>
/// <para>
/// A table lives as long as its owner, or goes to its heir. It lives across code versions: what is in it is converted when an upgrade
/// switches, as part of its transaction, and a table held in a state comes along. A table costs a reference to hold, and
/// copies of it are the same table.
/// </para>
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "A table is a table.")]
public sealed partial class Table<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
    where TValue : notnull
{
    // Other keys are found as they are, at no cost.
    private static readonly bool s_mayBeHot = KeyVersions.MayConcern(typeof(TKey));

    // The version of all keys of this type, where the type tells it.
    private static readonly CodeVersion? s_version = typeof(TKey) is { IsSealed: true, IsGenericType: false } ? CodeVersion.Of(typeof(TKey)) : null;

    private static readonly (Type? Key, Type? Value) s_types = (TableStore.Plain(typeof(TKey)), TableStore.Plain(typeof(TValue)));

    internal Table(TableStore store) => Store = store;

    /// <summary>A view of a table.</summary>
    /// <exception cref="InvalidCastException">It was made with other types.</exception>
    internal static Table<TKey, TValue> Of(TableStore store) => new(store.As(typeof(TKey), typeof(TValue), s_types));

    /// <summary>Creates a table. The calling process owns it.</summary>
    /// <param name="kind">Default: <see cref="TableKind.Set"/>.</param>
    /// <param name="access">Who else may use it. Default: others may read.</param>
    /// <param name="name">For <see cref="Find"/>; no two tables of a node have the same. Default: none.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or this is not a process.</exception>
    public Table(TableKind kind = TableKind.Set, TableAccess access = TableAccess.Protected, string? name = null)
        : this(new TableStore(Process.Here, kind, access, name, s_types))
    {
    }

    /// <summary>The table of a name; null if there is none on this node.</summary>
    /// <exception cref="InvalidCastException">It was made with other types.</exception>
    [SuppressMessage("Design", "CA1000", Justification = "The types are those with which the table was opened.")]
    public static Table<TKey, TValue>? Find(string name) => Node.Current.Tables.TryGetValue(name, out var store) ? Of(store) : null;

    internal TableStore Store { get; }

    /// <summary>Its name; null if it has none.</summary>
    public string? Name => Store.Name;

    /// <summary>The process that owns it.</summary>
    public Pid Owner => Store.Owner;

    /// <summary>Who gets it when its owner ends, with a <see cref="TableTransfer"/> message; the pid of no process if nobody does. Set by the owner.</summary>
    public Pid Heir
    {
        get => Store.Heir;
        set => Store.SetHeir(value);
    }

    /// <summary>How many entries it has: in a bag each value is one.</summary>
    public int Count => Store.Count;

    /// <summary>The value of a key, in a bag the oldest.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    /// <remarks>Setting puts it in the place of what was there, in a bag of all that was there.</remarks>
    public TValue this[TKey key]
    {
        get => TryGet(key, out var value) ? value : throw new KeyNotFoundException($"{key} is not in {Store.Title}. Use TryGet where it may be missing.");
        set => Store.Set(Some(key), s_mayBeHot, Held(value));
    }

    /// <summary>Looks a key up.</summary>
    /// <param name="key">Which.</param>
    /// <param name="value">Its value, in a bag the oldest.</param>
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

    /// <summary>All values of a key: none or one, in a bag any number.</summary>
    public IReadOnlyList<TValue> Lookup(TKey key) => Values(Entry(key));

    private ImmutableList<TValue> Values(object? found) => found switch
    {
        null => [],
        ImmutableList<object> values when Store.IsBag => values.ConvertAll(Value),
        var value => [Value(value)],
    };

    /// <summary>Whether a key is there.</summary>
    public bool Contains(TKey key) => Entry(key) is not null;

    /// <summary>The entries whose keys lie between two, both included, in order. Of an ordered set only.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Between(TKey first, TKey last)
    {
        var sorted = Sorted();
        return Range(sorted, sorted.From(Key(first, sorted), behind: false), sorted.From(Key(last, sorted), behind: true));
    }

    /// <summary>The entries behind a key, in order: its next comes first. Of an ordered set only.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> After(TKey key)
    {
        var sorted = Sorted();
        return Range(sorted, sorted.From(Key(key, sorted), behind: true), sorted.Count);
    }

    /// <summary>The entries ahead of a key, the nearest first. Of an ordered set only.</summary>
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

    /// <summary>Gives the table to another process, which gets a <see cref="TableTransfer"/> message. By the owner.</summary>
    /// <exception cref="InvalidOperationException">The table is gone, it is another's, or the process has ended.</exception>
    public void GiveAway(Pid process) => Store.GiveAway(process);

    /// <summary>Gives the table another name, or its first. By the owner; of a public table by anyone.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, the table is gone, or it is another's.</exception>
    public void Rename(string name) => Store.Rename(name);

    /// <summary>Deletes the table. By the owner; a public table by anyone.</summary>
    /// <exception cref="InvalidOperationException">The table is gone, or it is another's.</exception>
    public void Delete() => Store.Delete();

    /// <summary>The entries: of an ordered set in order and as they were at one moment; of the others each that is there all the while, once.</summary>
    /// <remarks>Match and select with what .NET has for sequences: <c>table.Where(entry => entry.Value > 3).Select(entry => entry.Key)</c>.</remarks>
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

    // The key as it is among these.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static object Key(TKey key, TableContents among) => s_mayBeHot && !among.Keys.Contains(s_version) ? among.Keys.Own(key) : key;
}

/// <summary>Tables that count.</summary>
public static class TableCounters
{
    /// <summary>Adds to a counter, as one step: OTP's <c>update_counter</c>. One that is not there begins at zero.</summary>
    /// <returns>The new count.</returns>
    public static long Add<TKey>(this Table<TKey, long> table, TKey key, long amount)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Update(key, 0, count => count + amount);
    }
}
