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
public sealed class Table<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
    where TValue : notnull
{
    // Other keys are found as they are, at no cost.
    private static readonly bool s_mayBeHot = KeyVersions.MayConcern(typeof(TKey));

    // The version of all keys of this type, where the type tells it.
    private static readonly CodeVersion? s_version = typeof(TKey) is { IsSealed: true, IsGenericType: false } ? CodeVersion.Of(typeof(TKey)) : null;

    internal Table(TableStore store) => Store = store;

    /// <summary>Creates a table. The calling process owns it.</summary>
    /// <param name="kind">Default: <see cref="TableKind.Set"/>.</param>
    /// <param name="access">Who else may use it. Default: others may read.</param>
    /// <param name="name">For <see cref="Find"/>; no two tables of a node have the same. Default: none.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or this is not a process.</exception>
    public Table(TableKind kind = TableKind.Set, TableAccess access = TableAccess.Protected, string? name = null)
        : this(new TableStore(Process.Here, kind, access, name))
    {
    }

    /// <summary>The table of a name; null if there is none on this node.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "The types are those under which the table is looked at.")]
    public static Table<TKey, TValue>? Find(string name) => Node.Current.Tables.TryGetValue(name, out var store) ? new(store) : null;

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

    /// <summary>How many keys it has.</summary>
    public int Count => Store.Read().Count;

    /// <summary>The value of a key, in a bag the oldest.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    /// <remarks>Setting puts it in the place of what was there, in a bag of all that was there.</remarks>
    public TValue this[TKey key]
    {
        get => TryGet(key, out var value) ? value : throw new KeyNotFoundException($"{key} is not in {Store.Title}. Use TryGet where it may be missing.");
        set => Store.Set(key, s_mayBeHot, Store.Kind == TableKind.Bag ? ImmutableList.Create<object>(value) : value);
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

        value = Value(Store.Kind == TableKind.Bag ? ((ImmutableList<object>)found)[0] : found);
        return true;
    }

    /// <summary>All values of a key: none or one, in a bag any number.</summary>
    public IReadOnlyList<TValue> Lookup(TKey key) => Entry(key) switch
    {
        null => [],
        ImmutableList<object> values when Store.Kind == TableKind.Bag => values.ConvertAll(Value),
        var value => [Value(value)],
    };

    /// <summary>Whether a key is there.</summary>
    public bool Contains(TKey key) => Entry(key) is not null;

    /// <summary>Puts a value in, in the place of the one that was there; into a bag beside those which are there, unless it is one of them.</summary>
    public void Insert(TKey key, TValue value)
    {
        if (Store.Kind == TableKind.Bag)
        {
            Store.Change(key, s_mayBeHot, found => found is ImmutableList<object> values
                ? IndexOf(values, value) < 0 ? values.Add(value) : values
                : ImmutableList.Create<object>(value));
        }
        else
        {
            Store.Set(key, s_mayBeHot, value);
        }
    }

    /// <summary>Puts a value in unless the key is there.</summary>
    /// <returns>Whether it was put in.</returns>
    public bool TryInsert(TKey key, TValue value) =>
        Store.Change(key, s_mayBeHot, found => found ?? (Store.Kind == TableKind.Bag ? ImmutableList.Create<object>(value) : value)).Was is null;

    /// <summary>Changes a value, as one step: nobody else writes in between.</summary>
    /// <param name="key">Which.</param>
    /// <param name="change">Given the value that is there. Short, and without use of tables.</param>
    /// <param name="initial">Given to <paramref name="change"/> where the key is not there.</param>
    /// <returns>The new value.</returns>
    public TValue Update(TKey key, TValue initial, Func<TValue, TValue> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        MustBeSet("Update");
        return Value(Store.Change(key, s_mayBeHot, found => change(found is null ? initial : Value(found))).Is!);
    }

    /// <summary>Removes a key with all its values.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key) => Store.Change(key, s_mayBeHot, static _ => null).Was is not null;

    /// <summary>Removes one value of a key.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(TKey key, TValue value)
    {
        var (was, now) = Store.Change(key, s_mayBeHot, found => found switch
        {
            ImmutableList<object> values when Store.Kind == TableKind.Bag =>
                IndexOf(values, value) is var index && index < 0 ? values : values.Count == 1 ? null : values.RemoveAt(index),
            not null when IsEqual(found, value) => null,
            _ => found,
        });
        return !ReferenceEquals(was, now);
    }

    /// <summary>Removes a key and hands its value out, as one step.</summary>
    public bool Take(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        MustBeSet("Take");
        var was = Store.Change(key, s_mayBeHot, static _ => null).Was;
        value = was is null ? default : Value(was);
        return was is not null;
    }

    /// <summary>Removes the entries that fit, one after the other: OTP's <c>select_delete</c>.</summary>
    /// <returns>How many.</returns>
    public int RemoveWhere(Func<TKey, TValue, bool> fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        return this.Count(entry => fits(entry.Key, entry.Value) && Remove(entry.Key, entry.Value));
    }

    /// <summary>Removes all entries.</summary>
    public void Clear() => Store.Clear();

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
        if (Store.Kind == TableKind.Bag)
        {
            throw new InvalidOperationException($"{what} is for one value, and {Store.Title} is a bag. Use Lookup, Insert and Remove.");
        }
    }

    /// <summary>Gives the table to another process, which gets a <see cref="TableTransfer"/> message. By the owner.</summary>
    public void GiveAway(Pid process) => Store.GiveAway(process);

    /// <summary>Deletes the table. By the owner.</summary>
    public void Delete() => Store.Delete();

    /// <summary>The entries: of an ordered set in order and as they were at one moment; of the others each that is there all the while, once.</summary>
    /// <remarks>Match and select with what .NET has for sequences: <c>table.Where(entry => entry.Value > 3).Select(entry => entry.Key)</c>.</remarks>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        foreach (var (key, value) in Store.Read().All)
        {
            if (value is ImmutableList<object> values && Store.Kind == TableKind.Bag)
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

    // In the words of whoever asks: two versions of a value are never equal.
    private static bool IsEqual(object found, TValue value) => EqualityComparer<TValue>.Default.Equals(Value(found), value);

    private static int IndexOf(ImmutableList<object> values, TValue value) => values.FindIndex(one => IsEqual(one, value));

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
