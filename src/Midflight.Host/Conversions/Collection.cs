using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Midflight.Host;

/// <summary>How the collections of one closed type are taken apart and put together, through their own API.</summary>
/// <remarks>Closed over types of one version only: a type closed over two would keep the older one loaded with the newer.</remarks>
internal abstract class Collection
{
    private static readonly FrozenDictionary<Type, string> s_kinds = new Dictionary<Type, string>
    {
        [typeof(List<>)] = nameof(Collections.List),
        [typeof(Queue<>)] = nameof(Collections.Queue),
        [typeof(Stack<>)] = nameof(Collections.Stack),
        [typeof(LinkedList<>)] = nameof(Collections.LinkedList),
        [typeof(HashSet<>)] = nameof(Collections.HashSet),
        [typeof(SortedSet<>)] = nameof(Collections.SortedSet),
        [typeof(ConcurrentQueue<>)] = nameof(Collections.ConcurrentQueue),
        [typeof(ConcurrentStack<>)] = nameof(Collections.ConcurrentStack),
        [typeof(ConcurrentBag<>)] = nameof(Collections.ConcurrentBag),
        [typeof(PriorityQueue<,>)] = nameof(Collections.PriorityQueue),
        [typeof(Dictionary<,>)] = nameof(Collections.Dictionary),
        [typeof(SortedDictionary<,>)] = nameof(Collections.SortedDictionary),
        [typeof(SortedList<,>)] = nameof(Collections.SortedList),
        [typeof(OrderedDictionary<,>)] = nameof(Collections.OrderedDictionary),
        [typeof(ConcurrentDictionary<,>)] = nameof(Collections.ConcurrentDictionary),
        [typeof(ImmutableArray<>)] = nameof(Collections.ImmutableArray),
        [typeof(ImmutableList<>)] = nameof(Collections.ImmutableList),
        [typeof(ImmutableQueue<>)] = nameof(Collections.ImmutableQueue),
        [typeof(ImmutableStack<>)] = nameof(Collections.ImmutableStack),
        [typeof(ImmutableHashSet<>)] = nameof(Collections.ImmutableHashSet),
        [typeof(ImmutableSortedSet<>)] = nameof(Collections.ImmutableSortedSet),
        [typeof(ImmutableDictionary<,>)] = nameof(Collections.ImmutableDictionary),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(Collections.ImmutableSortedDictionary),
        [typeof(FrozenSet<>)] = nameof(Collections.FrozenSet),
        [typeof(FrozenDictionary<,>)] = nameof(Collections.FrozenDictionary),
        [typeof(ReadOnlyCollection<>)] = nameof(Collections.ReadOnlyCollection),
        [typeof(ReadOnlyDictionary<,>)] = nameof(Collections.ReadOnlyDictionary),
        [typeof(Table<,>)] = nameof(Collections.Table),
    }.ToFrozenDictionary();

    /// <summary>The collections that are known, as open generic types.</summary>
    public static IEnumerable<Type> Kinds => s_kinds.Keys;

    /// <summary>Whether it hashes or compares what it holds, so that this must be whole when it comes in.</summary>
    public abstract bool Compares { get; }

    /// <summary>Whether one can be empty first and filled later.</summary>
    public abstract bool Grows { get; }

    /// <summary>The open generic type of a collection that is known, or null.</summary>
    public static Type? KindOf(Type type)
    {
        // Frozen collections are of types that only the BCL knows.
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.IsGenericType && at.GetGenericTypeDefinition() is var definition && s_kinds.ContainsKey(definition)
                && (at == type || definition == typeof(FrozenSet<>) || definition == typeof(FrozenDictionary<,>)))
            {
                return definition;
            }
        }

        return null;
    }

    public static Converter Converter(Type kind, Type from, Type to, ConverterTable table)
    {
        var (old, now) = (Arguments(kind, from), Arguments(kind, to));
        return new CollectionConverter(
            Of(kind, old), Of(kind, now), table.Place(old[0], now[0]), old.Length > 1 ? table.Place(old[1], now[1]) : null, isSameType: from == to);
    }

    /// <summary>Takes one apart.</summary>
    public abstract Contents Take(object collection);

    /// <summary>An empty one; only where it grows.</summary>
    public virtual object Start(int count, object? comparer) => throw new NotSupportedException("It is built at once.");

    /// <summary>Fills an empty one; only where it grows.</summary>
    public virtual void Fill(object started, Contents contents) => throw new NotSupportedException("It is built at once.");

    /// <summary>A whole one; only where it does not grow.</summary>
    public virtual object Build(Contents contents) => throw new NotSupportedException("It grows.");

    private static Type[] Arguments(Type kind, Type type)
    {
        var at = type;

        while (!at.IsGenericType || at.GetGenericTypeDefinition() != kind)
        {
            at = at.BaseType!;
        }

        return at.GetGenericArguments();
    }

    private static Collection Of(Type kind, Type[] arguments) => (Collection)typeof(Collections)
        .GetMethod(s_kinds[kind], BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(arguments).Invoke(null, null)!;
}

/// <summary>What is in a collection.</summary>
/// <param name="Items">Its elements or keys, in the order in which they go in again.</param>
/// <param name="Values">Its values or priorities, or null.</param>
/// <param name="Comparer">What it compares with, or null.</param>
internal readonly record struct Contents(object?[] Items, object?[]? Values = null, object? Comparer = null);
