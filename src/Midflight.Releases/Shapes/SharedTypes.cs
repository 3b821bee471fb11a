using System.Collections.Frozen;

namespace Midflight.Releases;

/// <summary>What conversion knows of types that are not hot: which it can rebuild around hot values, and which it looks into.</summary>
internal static class SharedTypes
{
    private const string Generic = "System.Collections.Generic.";
    private const string Immutable = "System.Collections.Immutable.";
    private const string Concurrent = "System.Collections.Concurrent.";

    /// <summary>Collections that are rebuilt through their own API.</summary>
    public static readonly FrozenSet<string> Collections = FrozenSet.Create(
        $"{Generic}List`1",
        $"{Generic}Queue`1",
        $"{Generic}Stack`1",
        $"{Generic}LinkedList`1",
        $"{Generic}HashSet`1",
        $"{Generic}SortedSet`1",
        $"{Generic}PriorityQueue`2",
        $"{Generic}Dictionary`2",
        $"{Generic}SortedDictionary`2",
        $"{Generic}SortedList`2",
        $"{Generic}OrderedDictionary`2",
        "System.Collections.ObjectModel.ReadOnlyCollection`1",
        "System.Collections.ObjectModel.ReadOnlyDictionary`2",
        "System.Collections.Frozen.FrozenSet`1",
        "System.Collections.Frozen.FrozenDictionary`2",
        $"{Immutable}ImmutableArray`1",
        $"{Immutable}ImmutableList`1",
        $"{Immutable}ImmutableQueue`1",
        $"{Immutable}ImmutableStack`1",
        $"{Immutable}ImmutableHashSet`1",
        $"{Immutable}ImmutableSortedSet`1",
        $"{Immutable}ImmutableDictionary`2",
        $"{Immutable}ImmutableSortedDictionary`2",
        $"{Concurrent}ConcurrentDictionary`2",
        $"{Concurrent}ConcurrentQueue`1",
        $"{Concurrent}ConcurrentStack`1",
        $"{Concurrent}ConcurrentBag`1",
        "Midflight.Table`2");

    // Delegates and comparers: what stands there is known only when one looks at the value.
    private static readonly string[] s_open =
    [
        "System.Action", "System.Func`", "System.Predicate`", "System.Comparison`", "System.EventHandler", "System.Converter`",
        "System.Delegate", "System.MulticastDelegate", $"{Generic}Comparer`", $"{Generic}EqualityComparer`", "System.ValueType", "System.Enum",
        "System.Array",
    ];

    /// <summary>Whether values of a type hold others that conversion can take over one by one.</summary>
    public static bool AreParts(string fullName) => Collections.Contains(fullName) || IsTuple(fullName)
        || fullName is "System.Nullable`1" or $"{Generic}KeyValuePair`2";

    public static bool IsTuple(string fullName) =>
        fullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || fullName.StartsWith("System.Tuple`", StringComparison.Ordinal);

    /// <summary>Whether only a value can tell what is in a place of this type.</summary>
    public static bool AreOpen(string fullName) =>
        fullName == "System.Object" || IsInterface(fullName) || s_open.Any(open => fullName.StartsWith(open, StringComparison.Ordinal));

    // Metadata does not say of another assembly's type whether it is an interface; its name does.
    public static bool IsInterface(string fullName) =>
        fullName.AsSpan()[(fullName.LastIndexOfAny(['.', '+']) + 1)..] is ['I', >= 'A' and <= 'Z', ..];

    /// <summary>Whether a hot type may derive from it: it has no state, or one that is known how to copy.</summary>
    public static bool MayBeParent(string fullName) =>
        !Collections.Contains(fullName) && !fullName.StartsWith("System.Collections.ObjectModel.", StringComparison.Ordinal);
}
