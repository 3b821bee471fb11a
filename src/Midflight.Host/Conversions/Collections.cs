using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Midflight.Host;

/// <summary>The collections of the BCL, one line each: how to start or build one, how to add, what it compares with.</summary>
internal static class Collections
{
    public static Collection List<T>() => new Sequence<List<T>, T>((count, _) => new(count), (list, item) => list.Add(item));

    public static Collection Queue<T>() => new Sequence<Queue<T>, T>((count, _) => new(count), (queue, item) => queue.Enqueue(item));

    public static Collection Stack<T>() => new Sequence<Stack<T>, T>((count, _) => new(count), (stack, item) => stack.Push(item), isReversed: true);

    public static Collection LinkedList<T>() => new Sequence<LinkedList<T>, T>((_, _) => new(), (list, item) => list.AddLast(item));

    public static Collection HashSet<T>() => new Sequence<HashSet<T>, T>(
        (count, comparer) => new(count, (IEqualityComparer<T>?)comparer), (set, item) => set.Add(item), set => set.Comparer);

    public static Collection SortedSet<T>() => new Sequence<SortedSet<T>, T>(
        (_, comparer) => new((IComparer<T>?)comparer), (set, item) => set.Add(item), set => set.Comparer);

    public static Collection ConcurrentQueue<T>() => new Sequence<ConcurrentQueue<T>, T>((_, _) => new(), (queue, item) => queue.Enqueue(item));

    public static Collection ConcurrentStack<T>() =>
        new Sequence<ConcurrentStack<T>, T>((_, _) => new(), (stack, item) => stack.Push(item), isReversed: true);

    public static Collection ConcurrentBag<T>() => new Sequence<ConcurrentBag<T>, T>((_, _) => [], (bag, item) => bag.Add(item), isReversed: true);

    public static Collection PriorityQueue<T, TPriority>() => new Mapping<PriorityQueue<T, TPriority>, T, TPriority>(
        (count, comparer) => new(count, (IComparer<TPriority>?)comparer), (queue, item, priority) => queue.Enqueue(item, priority),
        queue => queue.UnorderedItems.Select(item => KeyValuePair.Create(item.Element, item.Priority)), queue => queue.Comparer);

    public static Collection Dictionary<TKey, T>() where TKey : notnull => new Mapping<Dictionary<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IEqualityComparer<TKey>?)comparer), (map, key, value) => map.Add(key, value), comparer: map => map.Comparer);

    public static Collection SortedDictionary<TKey, T>() where TKey : notnull => new Mapping<SortedDictionary<TKey, T>, TKey, T>(
        (_, comparer) => new((IComparer<TKey>?)comparer), (map, key, value) => map.Add(key, value), comparer: map => map.Comparer);

    public static Collection SortedList<TKey, T>() where TKey : notnull => new Mapping<SortedList<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IComparer<TKey>?)comparer), (map, key, value) => map.Add(key, value), comparer: map => map.Comparer);

    public static Collection OrderedDictionary<TKey, T>() where TKey : notnull => new Mapping<OrderedDictionary<TKey, T>, TKey, T>(
        (count, comparer) => new(count, (IEqualityComparer<TKey>?)comparer), (map, key, value) => map.Add(key, value), comparer: map => map.Comparer);

    public static Collection ConcurrentDictionary<TKey, T>() where TKey : notnull => new Mapping<ConcurrentDictionary<TKey, T>, TKey, T>(
        (_, comparer) => new((IEqualityComparer<TKey>?)comparer), (map, key, value) => map.TryAdd(key, value), comparer: map => map.Comparer);

    public static Collection ImmutableArray<T>() => new BuiltSequence<ImmutableArray<T>, T>(
        (items, _) => [.. items], isNothing: array => array.IsDefault);

    public static Collection ImmutableList<T>() => new BuiltSequence<ImmutableList<T>, T>((items, _) => [.. items]);

    public static Collection ImmutableQueue<T>() => new BuiltSequence<ImmutableQueue<T>, T>((items, _) => [.. items]);

    public static Collection ImmutableStack<T>() => new BuiltSequence<ImmutableStack<T>, T>(
        (items, _) => System.Collections.Immutable.ImmutableStack.CreateRange(items.Reverse()));

    public static Collection ImmutableHashSet<T>() => new BuiltSequence<ImmutableHashSet<T>, T>(
        (items, comparer) => System.Collections.Immutable.ImmutableHashSet.CreateRange((IEqualityComparer<T>?)comparer, items), set => set.KeyComparer);

    public static Collection ImmutableSortedSet<T>() => new BuiltSequence<ImmutableSortedSet<T>, T>(
        (items, comparer) => System.Collections.Immutable.ImmutableSortedSet.CreateRange((IComparer<T>?)comparer, items), set => set.KeyComparer);

    public static Collection ImmutableDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<ImmutableDictionary<TKey, T>, TKey, T>(
        (items, comparer) => System.Collections.Immutable.ImmutableDictionary.CreateRange((IEqualityComparer<TKey>?)comparer, items), map => map.KeyComparer);

    public static Collection ImmutableSortedDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<ImmutableSortedDictionary<TKey, T>, TKey, T>(
        (items, comparer) => System.Collections.Immutable.ImmutableSortedDictionary.CreateRange((IComparer<TKey>?)comparer, items), map => map.KeyComparer);

    public static Collection FrozenSet<T>() => new BuiltSequence<FrozenSet<T>, T>(
        (items, comparer) => items.ToFrozenSet((IEqualityComparer<T>?)comparer), set => set.Comparer);

    public static Collection FrozenDictionary<TKey, T>() where TKey : notnull => new BuiltMapping<FrozenDictionary<TKey, T>, TKey, T>(
        (items, comparer) => items.ToFrozenDictionary((IEqualityComparer<TKey>?)comparer), map => map.Comparer);

    public static Collection ReadOnlyCollection<T>() => new Wrapper<ReadOnlyCollection<T>, IList<T>>(
        inner => new(inner), Inner<ReadOnlyCollection<T>>("Items"));

    public static Collection ReadOnlyDictionary<TKey, T>() where TKey : notnull => new Wrapper<ReadOnlyDictionary<TKey, T>, IDictionary<TKey, T>>(
        inner => new(inner), Inner<ReadOnlyDictionary<TKey, T>>("Dictionary"));

    // A view as well: of what an upgrade converts as a whole.
    public static Collection Table<TKey, T>() where TKey : notnull where T : notnull => new Wrapper<Table<TKey, T>, TableStore>(
        store => new(store), Inner<Table<TKey, T>>("Store"));

    // Protected, but the one way to what is wrapped.
    private static PropertyInfo Inner<T>(string property) => typeof(T).GetProperty(property, BindingFlags.Instance | BindingFlags.NonPublic)!;
}
