using System.Collections;

namespace Midflight.Host;

/// <summary>A collection of elements that can be empty first.</summary>
internal sealed class Sequence<TCollection, T>(
    Func<int, object?, TCollection> start, Func<TCollection, T, bool> add, Func<TCollection, object?>? comparer = null, bool isReversed = false,
    Func<TCollection, IEnumerable<object>>? nodes = null) : Collection
    where TCollection : class, IEnumerable
{
    public override IEnumerable<object> Nodes(object collection) => nodes?.Invoke((TCollection)collection) ?? [];

    public override bool Grows => true;

    public override bool Compares => comparer is not null;

    public override object? Comparer(object collection) => comparer?.Invoke((TCollection)collection);

    public override Contents Take(object collection)
    {
        var items = collection is ICollection<T> many ? new object?[many.Count] : null;

        if (items is null)
        {
            items = [.. ((TCollection)collection).Cast<object?>()];
        }
        else
        {
            var i = 0;

            foreach (var item in (ICollection<T>)collection)
            {
                items[i++] = item;
            }
        }

        // The last one in is the first one out.
        if (isReversed)
        {
            Array.Reverse(items);
        }

        return new(items);
    }

    public override object Start(int count, object? comparer) => start(count, comparer);

    public override bool Add(object started, object? item, object? value) => add((TCollection)started, (T)item!);
}

/// <summary>A collection of keys with values that can be empty first.</summary>
internal sealed class Mapping<TCollection, TKey, T>(
    Func<int, object?, TCollection> start,
    Func<TCollection, TKey, T, bool> add,
    Func<TCollection, IEnumerable<KeyValuePair<TKey, T>>>? pairs = null,
    Func<TCollection, object?>? comparer = null,
    Func<TCollection, object?>? valueComparer = null,
    bool isUnique = true) : Collection
    where TCollection : class
{
    public override bool Grows => true;

    public override bool Compares => comparer is not null;

    public override bool IsUnique => isUnique;

    public override object? Comparer(object collection) => comparer?.Invoke((TCollection)collection);

    public override object? ValueComparer(object collection) => valueComparer?.Invoke((TCollection)collection);

    public override Contents Take(object collection)
    {
        var all = (pairs?.Invoke((TCollection)collection) ?? (IEnumerable<KeyValuePair<TKey, T>>)collection).ToArray();
        return new(Array.ConvertAll(all, static pair => (object?)pair.Key), Array.ConvertAll(all, static pair => (object?)pair.Value));
    }

    public override object Start(int count, object? comparer) => start(count, comparer);

    public override bool Add(object started, object? item, object? value) => add((TCollection)started, (TKey)item!, (T)value!);
}

/// <summary>A collection of elements that is built at once.</summary>
internal sealed class BuiltSequence<TCollection, T>(
    Func<T[], object?, TCollection> build, Func<TCollection, object?>? comparer = null, Func<TCollection, bool>? isNothing = null) : Collection
    where TCollection : IEnumerable<T>
{
    public override bool Grows => false;

    public override bool Compares => comparer is not null;

    public override object? Comparer(object collection) => comparer?.Invoke((TCollection)collection);

    public override Contents Take(object collection) => isNothing?.Invoke((TCollection)collection) == true
        ? new((object?[]?)null)
        : new([.. ((TCollection)collection).Select(item => (object?)item)]);

    public override object Build(Contents contents) => contents.Items is null
        ? default(TCollection)!
        : build(Array.ConvertAll(contents.Items, item => (T)item!), contents.Comparer)!;

    public override int Count(object built) => ((TCollection)built).Count();
}

/// <summary>A collection of keys with values that is built at once.</summary>
internal sealed class BuiltMapping<TCollection, TKey, T>(
    Func<IEnumerable<KeyValuePair<TKey, T>>, object?, object?, TCollection> build, Func<TCollection, object?> comparer, Func<TCollection, object?>? valueComparer = null) : Collection
    where TCollection : class, IEnumerable<KeyValuePair<TKey, T>>
{
    public override bool Grows => false;

    public override bool Compares => true;

    public override object? Comparer(object collection) => comparer((TCollection)collection);

    public override object? ValueComparer(object collection) => valueComparer?.Invoke((TCollection)collection);

    public override Contents Take(object collection)
    {
        var all = ((TCollection)collection).ToArray();
        return new(Array.ConvertAll(all, static pair => (object?)pair.Key), Array.ConvertAll(all, static pair => (object?)pair.Value));
    }

    public override object Build(Contents contents) => build(
        contents.Items!.Zip(contents.Values!, (key, value) => KeyValuePair.Create((TKey)key!, (T)value!)), contents.Comparer, contents.ValueComparer);

    public override int Count(object built) => ((TCollection)built).Count();
}
