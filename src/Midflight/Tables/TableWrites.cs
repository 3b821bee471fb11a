using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Midflight;

// The writes to a table: each is one step.
public sealed partial class Table<TKey, TValue>
{
    /// <summary>Inserts a value, replacing the existing one. In a bag, it is added to the existing ones; a bag without duplicates keeps each value once.</summary>
    public void Insert(TKey key, TValue value)
    {
        if (Store.IsBag)
        {
            var held = Held(value);
            Store.Change(Some(key), s_mayBeHot, found => With(found, held));
        }
        else
        {
            Store.Set(Some(key), s_mayBeHot, Held(value));
        }
    }

    /// <summary>Inserts many values in one step: a reader that looks up two of their keys finds both or none.</summary>
    /// <remarks>In the given order. An enumeration at the same time may see some of them.</remarks>
    public void Insert(IEnumerable<KeyValuePair<TKey, TValue>> entries) => SetAll(entries, onlyNew: false);

    private bool SetAll(IEnumerable<KeyValuePair<TKey, TValue>> entries, bool onlyNew) =>
        Store.SetAll(Held(entries), s_mayBeHot, Store.IsBag ? With : static (_, value) => value, onlyNew);

    /// <summary>Inserts a value unless the key exists.</summary>
    /// <returns>Whether it was inserted.</returns>
    public bool TryInsert(TKey key, TValue value)
    {
        var held = Held(value);
        return Store.Change(Some(key), s_mayBeHot, found => found ?? held).Was is null;
    }

    /// <summary>Inserts many values in one step, unless one of the keys exists: OTP's <c>insert_new</c> of a list.</summary>
    /// <returns>Whether they were inserted: all or none.</returns>
    public bool TryInsert(IEnumerable<KeyValuePair<TKey, TValue>> entries) => SetAll(entries, onlyNew: true);

    /// <summary>Changes a value, as one step: nobody else writes in between.</summary>
    /// <param name="key">The key.</param>
    /// <param name="change">Gets the existing value. Must be short, and must not use tables.</param>
    /// <param name="initial">Passed to <paramref name="change"/> if the key does not exist.</param>
    /// <returns>The new value.</returns>
    public TValue Update(TKey key, TValue initial, Func<TValue, TValue> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        MustBeSet("Update");
        return Value(Store.Change(Some(key), s_mayBeHot, found => Held(change(found is null ? initial : Value(found)))).Is!);
    }

    /// <summary>Removes a key with all its values.</summary>
    /// <returns>Whether it existed.</returns>
    public bool Remove(TKey key) => Store.Change(key, s_mayBeHot, static _ => null).Was is not null;

    /// <summary>Removes one value of a key; in a bag with duplicates, all its occurrences.</summary>
    /// <returns>Whether it existed.</returns>
    public bool Remove(TKey key, TValue value) => RemoveEach(key, value) > 0;

    private int RemoveEach(TKey key, TValue value)
    {
        var removed = 0;
        Store.Change(key, s_mayBeHot, found =>
        {
            if (found is ImmutableList<object> values && Store.IsBag)
            {
                var left = values.RemoveAll(one => IsEqual(one, value));
                removed = values.Count - left.Count;
                return removed == 0 ? values : left.IsEmpty ? null : left;
            }

            removed = found is not null && IsEqual(found, value) ? 1 : 0;
            return removed == 0 ? found : null;
        });
        return removed;
    }

    /// <summary>Removes a key and returns its value, as one step. Not for a bag: see <see cref="Take(TKey)"/>.</summary>
    public bool Take(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        MustBeSet("Take with one value");
        var was = Store.Change(key, s_mayBeHot, static _ => null).Was;
        value = was is null ? default : Value(was);
        return was is not null;
    }

    /// <summary>Removes a key and returns all its values, as one step: none or one; in a bag, any number.</summary>
    public IReadOnlyList<TValue> Take(TKey key) => Values(Store.Change(key, s_mayBeHot, static _ => null).Was);

    /// <summary>Removes the matching entries, one after the other: OTP's <c>select_delete</c>.</summary>
    /// <returns>The number of removed entries.</returns>
    public int RemoveWhere(Func<TKey, TValue, bool> fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        return this.Sum(entry => fits(entry.Key, entry.Value) ? RemoveEach(entry.Key, entry.Value) : 0);
    }

    /// <summary>Removes all entries.</summary>
    public void Clear() => Store.Clear();

    private static TKey Some(TKey key) => key ?? throw new ArgumentNullException(nameof(key), "A table's key cannot be null. Use another key.");

    // The value as the table stores it.
    private object Held(TValue value)
    {
        object some = value ?? throw new ArgumentNullException(nameof(value), "A table's value cannot be null. Remove the key, or store a value of your own that means empty.");
        return Store.IsBag ? ImmutableList.Create(some) : some;
    }

    private List<KeyValuePair<object, object>> Held(IEnumerable<KeyValuePair<TKey, TValue>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return [.. entries.Select(entry => KeyValuePair.Create<object, object>(Some(entry.Key), Held(entry.Value)))];
    }

    // The values of a bag's key when the stored values are added to the existing ones.
    private ImmutableList<object> With(object? found, object held)
    {
        var values = found as ImmutableList<object> ?? [];
        var more = (ImmutableList<object>)held;
        return Store.Kind == TableKind.DuplicateBag ? values.AddRange(more)
            : more.Aggregate(values, static (all, one) => IndexOf(all, Value(one)) < 0 ? all.Add(one) : all);
    }

    // Compared in the caller's code version: values of two versions are never equal.
    private static bool IsEqual(object found, TValue value) => EqualityComparer<TValue>.Default.Equals(Value(found), value);

    private static int IndexOf(ImmutableList<object> values, TValue value) => values.FindIndex(one => IsEqual(one, value));
}
