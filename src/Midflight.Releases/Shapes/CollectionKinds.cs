using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Which collections hold the same things, so that one can become another.</summary>
internal static class CollectionKinds
{
    private static readonly FrozenSet<string> s_sequences = Names("System.Collections.Generic.", "List`1", "Queue`1", "Stack`1", "LinkedList`1",
            "IEnumerable`1", "ICollection`1", "IList`1", "IReadOnlyCollection`1", "IReadOnlyList`1")
        .Concat(Names("System.Collections.Immutable.", "ImmutableArray`1", "ImmutableList`1", "ImmutableQueue`1", "ImmutableStack`1", "IImmutableList`1"))
        .Concat(Names("System.Collections.Concurrent.", "ConcurrentQueue`1", "ConcurrentStack`1", "ConcurrentBag`1"))
        .Concat(Names("System.Collections.Generic.", "HashSet`1", "SortedSet`1", "ISet`1", "IReadOnlySet`1"))
        .Concat(Names("System.Collections.Immutable.", "ImmutableHashSet`1", "ImmutableSortedSet`1", "IImmutableSet`1"))
        .Concat(Names("System.Collections.Frozen.", "FrozenSet`1")).ToFrozenSet();

    private static readonly FrozenSet<string> s_maps = Names("System.Collections.Generic.", "Dictionary`2", "SortedDictionary`2", "SortedList`2",
            "OrderedDictionary`2", "IDictionary`2", "IReadOnlyDictionary`2")
        .Concat(Names("System.Collections.Immutable.", "ImmutableDictionary`2", "ImmutableSortedDictionary`2", "IImmutableDictionary`2"))
        .Concat(Names("System.Collections.Concurrent.", "ConcurrentDictionary`2"))
        .Concat(Names("System.Collections.Frozen.", "FrozenDictionary`2")).ToFrozenSet();

    /// <summary>What two collections hold, where they hold the same: elements, or keys and values. Null where they do not.</summary>
    public static (ImmutableArray<TypeName> Old, ImmutableArray<TypeName> Now)? Parts(TypeName old, TypeName now) =>
        Elements(old) is { } before && Elements(now) is { } after ? (before, after)
        : Entries(old) is { } entries && Entries(now) is { } others ? (entries, others)
        : null;

    private static ImmutableArray<TypeName>? Elements(TypeName type) => type switch
    {
        TypeName.Array(var element, 1) => [element],
        TypeName.Named(var name, [var element]) when s_sequences.Contains(name) => [element],
        _ => null,
    };

    private static ImmutableArray<TypeName>? Entries(TypeName type) =>
        type is TypeName.Named(var name, [_, _] and var entries) && s_maps.Contains(name) ? entries : null;

    private static IEnumerable<string> Names(string space, params string[] names) => names.Select(name => space + name);
}
