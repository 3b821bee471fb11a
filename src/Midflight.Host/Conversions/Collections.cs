using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.Specialized;
using System.Dynamic;
using Immutables = System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>The collections of the BCL, one line each: how to start or build one, how to add, what it compares with.</summary>
internal static class Collections
{
    public static Collection Array<T>() => new BuiltSequence<T[], T>((items, _) => items);

    public static Collection List<T>() => new Sequence<List<T>, T>((count, _) => new(count), Always<List<T>, T>((list, item) => list.Add(item)));

    public static Collection Queue<T>() => new Sequence<Queue<T>, T>((count, _) => new(count), Always<Queue<T>, T>((queue, item) => queue.Enqueue(item)));

    public static Collection Stack<T>() => new Sequence<Stack<T>, T>((count, _) => new(count), Always<Stack<T>, T>((stack, item) => stack.Push(item)), isReversed: true);

    public static Collection LinkedList<T>() => new Sequence<LinkedList<T>, T>((_, _) => new(), Always<LinkedList<T>, T>((list, item) => list.AddLast(item)), nodes: list => NodesOf(list));

    public static Collection HashSet<T>() => new Sequence<HashSet<T>, T>(
        (count, comparer) => new(count, (IEqualityComparer<T>?)comparer), (set, item) => set.Add(item), set => Own<T>(set.Comparer));

    public static Collection SortedSet<T>() => new Sequence<SortedSet<T>, T>(
        (_, comparer) => new((IComparer<T>?)comparer), (set, item) => set.Add(item), set => Own<T>(set.Comparer));

    public static Collection ConcurrentQueue<T>() => new Sequence<ConcurrentQueue<T>, T>((_, _) => new(), Always<ConcurrentQueue<T>, T>((queue, item) => queue.Enqueue(item)));

    public static Collection ConcurrentStack<T>() =>
        new Sequence<ConcurrentStack<T>, T>((_, _) => new(), Always<ConcurrentStack<T>, T>((stack, item) => stack.Push(item)), isReversed: true);

    public static Collection ConcurrentBag<T>() => new Sequence<ConcurrentBag<T>, T>((_, _) => [], Always<ConcurrentBag<T>, T>((bag, item) => bag.Add(item)), isReversed: true);

    public static Collection ArrayList() => new Sequence<ArrayList, object?>((count, _) => new(count), Always<ArrayList, object?>((list, item) => list.Add(item)));

    public static Collection OldQueue() => new Sequence<System.Collections.Queue, object?>((count, _) => new(count), Always<System.Collections.Queue, object?>((queue, item) => queue.Enqueue(item)));

    public static Collection OldStack() => new Sequence<System.Collections.Stack, object?>((count, _) => new(count), Always<System.Collections.Stack, object?>((stack, item) => stack.Push(item)), isReversed: true);

    public static Collection ImmutableArrayBuilder<T>() => new Sequence<ImmutableArray<T>.Builder, T>(
        (count, _) => Immutables.ImmutableArray.CreateBuilder<T>(count), Always<ImmutableArray<T>.Builder, T>((list, item) => list.Add(item)));

    public static Collection ImmutableListBuilder<T>() => new Sequence<ImmutableList<T>.Builder, T>(
        (_, _) => Immutables.ImmutableList.CreateBuilder<T>(), Always<ImmutableList<T>.Builder, T>((list, item) => list.Add(item)));

    public static Collection ImmutableHashSetBuilder<T>() => new Sequence<ImmutableHashSet<T>.Builder, T>(
        (_, comparer) => Immutables.ImmutableHashSet.CreateBuilder((IEqualityComparer<T>?)comparer), (set, item) => set.Add(item), set => Own<T>(set.KeyComparer));

    public static Collection ImmutableSortedSetBuilder<T>() => new Sequence<ImmutableSortedSet<T>.Builder, T>(
        (_, comparer) => Immutables.ImmutableSortedSet.CreateBuilder((IComparer<T>?)comparer), (set, item) => set.Add(item), set => Own<T>(set.KeyComparer));

    // Put in again as they lie, each of them finds its place at once, and what is equal comes out in the order in which it would have.
    public static Collection PriorityQueue<T, TPriority>() => new Mapping<PriorityQueue<T, TPriority>, T, TPriority>(
        (count, comparer) => new(count, (IComparer<TPriority>?)comparer), Always<PriorityQueue<T, TPriority>, T, TPriority>((queue, item, priority) => queue.Enqueue(item, priority)),
        queue => queue.UnorderedItems.Select(item => KeyValuePair.Create(item.Element, item.Priority)), queue => Own<TPriority>(queue.Comparer), isUnique: false);

    public static Collection Dictionary<TKey, T>() where TKey : notnull => new Mapping<Dictionary<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IEqualityComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => Own<TKey>(map.Comparer));

    public static Collection SortedDictionary<TKey, T>() where TKey : notnull => new Mapping<SortedDictionary<TKey, T>, TKey, T>(
        (_, comparer) => new((IComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => Own<TKey>(map.Comparer));

    public static Collection SortedList<TKey, T>() where TKey : notnull => new Mapping<SortedList<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => Own<TKey>(map.Comparer));

    public static Collection OrderedDictionary<TKey, T>() where TKey : notnull => new Mapping<OrderedDictionary<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IEqualityComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => Own<TKey>(map.Comparer));

    public static Collection ConcurrentDictionary<TKey, T>() where TKey : notnull => new Mapping<ConcurrentDictionary<TKey, T>, TKey, T>(
        (_, comparer) => new((IEqualityComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => Own<TKey>(map.Comparer));

    public static Collection Hashtable() => new Mapping<Hashtable, object, object?>(
        (count, comparer) => new(count, (IEqualityComparer?)comparer), (map, key, value) => TryAdd(map, key, value), Pairs, map => OwnRules.Get(map, "EqualityComparer"));

    public static Collection OldSortedList() => new Mapping<System.Collections.SortedList, object, object?>(
        (count, comparer) => new((IComparer?)comparer, count), (map, key, value) => TryAdd(map, key, value), Pairs, map => OwnRules.Get(map, "comparer") is var known && known == (object)System.Collections.Comparer.Default ? null : known);

    public static Collection ListDictionary() => new Mapping<ListDictionary, object, object?>(
        (_, comparer) => new((IComparer?)comparer), (map, key, value) => TryAdd(map, key, value), Pairs, map => OwnRules.Get(map, "comparer"));

    public static Collection HybridDictionary() => new Mapping<HybridDictionary, object, object?>(
        (count, comparer) => new(count, caseInsensitive: comparer is not null), (map, key, value) => TryAdd(map, key, value), Pairs,
        map => OwnRules.Get(map, "caseInsensitive") is true ? StringComparer.OrdinalIgnoreCase : null);

    public static Collection OldOrderedDictionary() => new Mapping<System.Collections.Specialized.OrderedDictionary, object, object?>(
        (count, comparer) => new(count, (IEqualityComparer?)comparer), (map, key, value) => TryAdd(map, key, value), Pairs, map => OwnRules.Get(map, "_comparer"));

    public static Collection Expando() => new Mapping<ExpandoObject, string, object?>((_, _) => new(), (map, key, value) => ((IDictionary<string, object?>)map).TryAdd(key, value));

    public static Collection ImmutableDictionaryBuilder<TKey, T>() where TKey : notnull => new Mapping<ImmutableDictionary<TKey, T>.Builder, TKey, T>(
        (_, comparer) => Immutables.ImmutableDictionary.CreateBuilder<TKey, T>((IEqualityComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value),
        comparer: map => Own<TKey>(map.KeyComparer), valueComparer: map => Own<T>(map.ValueComparer));

    public static Collection ImmutableSortedDictionaryBuilder<TKey, T>() where TKey : notnull => new Mapping<ImmutableSortedDictionary<TKey, T>.Builder, TKey, T>(
        (_, comparer) => Immutables.ImmutableSortedDictionary.CreateBuilder<TKey, T>((IComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value),
        comparer: map => Own<TKey>(map.KeyComparer), valueComparer: map => Own<T>(map.ValueComparer));

    public static Collection ImmutableArray<T>() => new BuiltSequence<ImmutableArray<T>, T>(
        (items, _) => [.. items], isNothing: array => array.IsDefault);

    public static Collection ImmutableList<T>() => new BuiltSequence<ImmutableList<T>, T>((items, _) => [.. items]);

    public static Collection ImmutableQueue<T>() => new BuiltSequence<ImmutableQueue<T>, T>((items, _) => [.. items]);

    public static Collection ImmutableStack<T>() => new BuiltSequence<ImmutableStack<T>, T>(
        (items, _) => Immutables.ImmutableStack.CreateRange(items.Reverse()));

    public static Collection ImmutableHashSet<T>() => new BuiltSequence<ImmutableHashSet<T>, T>(
        (items, comparer) => Immutables.ImmutableHashSet.CreateRange((IEqualityComparer<T>?)comparer, items), set => Own<T>(set.KeyComparer));

    public static Collection ImmutableSortedSet<T>() => new BuiltSequence<ImmutableSortedSet<T>, T>(
        (items, comparer) => Immutables.ImmutableSortedSet.CreateRange((IComparer<T>?)comparer, items), set => Own<T>(set.KeyComparer));

    public static Collection ImmutableDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<ImmutableDictionary<TKey, T>, TKey, T>(
        (items, keys, values) => Immutables.ImmutableDictionary.Create((IEqualityComparer<TKey>?)keys, (IEqualityComparer<T>?)values).AddRange(items),
        map => Own<TKey>(map.KeyComparer), map => Own<T>(map.ValueComparer));

    public static Collection ImmutableSortedDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<ImmutableSortedDictionary<TKey, T>, TKey, T>(
        (items, keys, values) => Immutables.ImmutableSortedDictionary.Create((IComparer<TKey>?)keys, (IEqualityComparer<T>?)values).AddRange(items),
        map => Own<TKey>(map.KeyComparer), map => Own<T>(map.ValueComparer));

    public static Collection FrozenSet<T>() => new BuiltSequence<FrozenSet<T>, T>(
        (items, comparer) => items.ToFrozenSet((IEqualityComparer<T>?)comparer), set => Own<T>(set.Comparer));

    public static Collection FrozenDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<FrozenDictionary<TKey, T>, TKey, T>(
        (items, comparer, _) => items.ToFrozenDictionary((IEqualityComparer<TKey>?)comparer), map => Own<TKey>(map.Comparer));

    /// <summary>A comparer that is not the one which .NET takes where none is given.</summary>
    private static object? Own<T>(object? comparer) => comparer == (object)EqualityComparer<T>.Default || comparer == (object)Comparer<T>.Default ? null : comparer;

    // Of what takes all that comes.
    private static Func<TCollection, T, bool> Always<TCollection, T>(Action<TCollection, T> add) => (collection, item) =>
    {
        add(collection, item);
        return true;
    };

    private static Func<TCollection, TKey, T, bool> Always<TCollection, TKey, T>(Action<TCollection, TKey, T> add) => (collection, key, value) =>
    {
        add(collection, key, value);
        return true;
    };

    private static bool TryAdd(IDictionary map, object key, object? value)
    {
        if (map.Contains(key))
        {
            return false;
        }

        map.Add(key, value);
        return true;
    }

    private static IEnumerable<KeyValuePair<object, object?>> Pairs(IDictionary map)
    {
        foreach (DictionaryEntry entry in map)
        {
            yield return new(entry.Key, entry.Value);
        }
    }

    private static IEnumerable<object> NodesOf<T>(LinkedList<T> list)
    {
        for (var node = list.First; node is not null; node = node.Next)
        {
            yield return node;
        }
    }
}
