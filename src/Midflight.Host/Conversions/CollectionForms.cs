namespace Midflight.Host;

/// <summary>A collection of elements that can be empty first.</summary>
internal sealed class Sequence<TCollection, T>(
    Func<int, object?, TCollection> start, Action<TCollection, T> add, Func<TCollection, object?>? comparer = null, bool isReversed = false) : Collection
    where TCollection : class, IEnumerable<T>
{
    public override bool Compares => comparer is not null;

    public override bool Grows => true;

    public override Contents Take(object collection)
    {
        var items = ((TCollection)collection).Select(item => (object?)item).ToArray();

        // The last one in is the first one out.
        if (isReversed)
        {
            Array.Reverse(items);
        }

        return new(items, null, comparer?.Invoke((TCollection)collection));
    }

    public override object Start(int count, object? comparer) => start(count, comparer);

    public override void Fill(object started, Contents contents)
    {
        foreach (var item in contents.Items)
        {
            add((TCollection)started, (T)item!);
        }
    }
}

/// <summary>A collection of keys with values that can be empty first.</summary>
internal sealed class Mapping<TCollection, TKey, T>(
    Func<int, object?, TCollection> start,
    Action<TCollection, TKey, T> add,
    Func<TCollection, IEnumerable<KeyValuePair<TKey, T>>>? pairs = null,
    Func<TCollection, object?>? comparer = null) : Collection
    where TCollection : class
{
    public override bool Compares => comparer is not null;

    public override bool Grows => true;

    public override Contents Take(object collection)
    {
        var all = (pairs?.Invoke((TCollection)collection) ?? (IEnumerable<KeyValuePair<TKey, T>>)collection).ToArray();
        return new([.. all.Select(pair => (object?)pair.Key)], [.. all.Select(pair => (object?)pair.Value)], comparer?.Invoke((TCollection)collection));
    }

    public override object Start(int count, object? comparer) => start(count, comparer);

    public override void Fill(object started, Contents contents)
    {
        for (var i = 0; i < contents.Items.Length; i++)
        {
            add((TCollection)started, (TKey)contents.Items[i]!, (T)contents.Values![i]!);
        }
    }
}

/// <summary>A collection of elements that is built at once.</summary>
internal sealed class BuiltSequence<TCollection, T>(
    Func<T[], object?, TCollection> build, Func<TCollection, object?>? comparer = null, Func<TCollection, bool>? isNothing = null) : Collection
    where TCollection : IEnumerable<T>
{
    public override bool Compares => comparer is not null;

    public override bool Grows => false;

    public override Contents Take(object collection) => isNothing?.Invoke((TCollection)collection) == true
        ? new(null!)
        : new([.. ((TCollection)collection).Select(item => (object?)item)], null, comparer?.Invoke((TCollection)collection));

    public override object Build(Contents contents) => contents.Items is null
        ? default(TCollection)!
        : build(Array.ConvertAll(contents.Items, item => (T)item!), contents.Comparer);
}

/// <summary>A collection of keys with values that is built at once.</summary>
internal sealed class BuiltMapping<TCollection, TKey, T>(
    Func<IEnumerable<KeyValuePair<TKey, T>>, object?, TCollection> build, Func<TCollection, object?> comparer) : Collection
    where TCollection : class, IEnumerable<KeyValuePair<TKey, T>>
{
    public override bool Compares => true;

    public override bool Grows => false;

    public override Contents Take(object collection)
    {
        var all = ((TCollection)collection).ToArray();
        return new([.. all.Select(pair => (object?)pair.Key)], [.. all.Select(pair => (object?)pair.Value)], comparer((TCollection)collection));
    }

    public override object Build(Contents contents) => build(
        contents.Items.Zip(contents.Values!, (key, value) => KeyValuePair.Create((TKey)key!, (T)value!)), contents.Comparer);
}

/// <summary>A view of another collection, which stays a view of it.</summary>
internal sealed class Wrapper<TCollection, TInner>(Func<TInner, TCollection> wrap, System.Reflection.PropertyInfo inner) : Collection
    where TCollection : class
{
    public override bool Compares => false;

    public override bool Grows => false;

    // The wrapped collection goes over as if it were the comparer: by its own type, as one object.
    public override Contents Take(object collection) => new([], null, inner.GetValue(collection));

    public override object Build(Contents contents) => wrap((TInner)contents.Comparer!);
}
