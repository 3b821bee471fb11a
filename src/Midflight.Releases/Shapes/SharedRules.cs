using System.Collections.Frozen;

namespace Midflight.Releases;

/// <summary>How values of one type that is not hot are rebuilt around hot values.</summary>
/// <param name="FullName">The type, as metadata writes it.</param>
/// <param name="Family">What it is made of.</param>
internal sealed record SharedRule(string FullName, SharedFamily Family)
{
    /// <summary>Whether a hot type may derive from it: what it holds of its own can be put into an object of another type.</summary>
    public bool MayBeParent { get; init; }
}

/// <summary>What a type is made of. Two of the same family with the same parts can become one another.</summary>
internal enum SharedFamily
{
    /// <summary>Elements in an order.</summary>
    Sequence,

    /// <summary>Elements of which the last one in is the first one out, so that it has no order in common with a sequence.</summary>
    Stack,

    /// <summary>Elements of which no two are equal.</summary>
    Set,

    /// <summary>Keys with values.</summary>
    Map,

    /// <summary>Its fields, and no more: a tuple, a box, a view of another collection.</summary>
    Fields,

    /// <summary>Something that only its own rule knows: a task that has ended, a channel at rest, a weak reference.</summary>
    Own,

    /// <summary>By a rule of its own, and only one that no code is at work on: only the value can tell.</summary>
    AtRest,
}

/// <summary>The one table of what conversion knows of types that are not hot. The planner and the node read it.</summary>
/// <remarks>A type that is not here is looked through: where nothing in a value is of another code version it passes, else it is refused.</remarks>
internal static class SharedRules
{
    private const string Collections = "System.Collections.";
    private const string Generic = "System.Collections.Generic.";
    private const string Objects = "System.Collections.ObjectModel.";
    private const string Immutable = "System.Collections.Immutable.";
    private const string Concurrent = "System.Collections.Concurrent.";
    private const string Frozen = "System.Collections.Frozen.";

    /// <summary>Every row.</summary>
    public static readonly FrozenDictionary<string, SharedRule> All = ((SharedRule[])
    [
        .. Rows(SharedFamily.Sequence, mayBeParent: true,
            $"{Generic}List`1", $"{Generic}Queue`1", $"{Concurrent}ConcurrentQueue`1", $"{Collections}ArrayList", $"{Collections}Queue"),
        .. Rows(SharedFamily.Stack, mayBeParent: true,
            $"{Generic}Stack`1", $"{Concurrent}ConcurrentStack`1", $"{Collections}Stack"),
        .. Rows(SharedFamily.Stack, mayBeParent: false, $"{Immutable}ImmutableStack`1"),
        .. Rows(SharedFamily.Sequence, mayBeParent: false,
            $"{Generic}LinkedList`1", $"{Concurrent}ConcurrentBag`1",
            $"{Immutable}ImmutableArray`1", $"{Immutable}ImmutableList`1", $"{Immutable}ImmutableQueue`1",
            $"{Immutable}ImmutableArray`1+Builder", $"{Immutable}ImmutableList`1+Builder"),
        .. Rows(SharedFamily.Set, mayBeParent: true,
            $"{Generic}HashSet`1", $"{Generic}SortedSet`1"),
        .. Rows(SharedFamily.Set, mayBeParent: false,
            $"{Immutable}ImmutableHashSet`1", $"{Immutable}ImmutableSortedSet`1", $"{Immutable}ImmutableHashSet`1+Builder", $"{Immutable}ImmutableSortedSet`1+Builder",
            $"{Frozen}FrozenSet`1"),
        .. Rows(SharedFamily.Map, mayBeParent: true,
            $"{Generic}Dictionary`2", $"{Generic}SortedDictionary`2", $"{Generic}SortedList`2", $"{Generic}OrderedDictionary`2",
            $"{Concurrent}ConcurrentDictionary`2", $"{Collections}Hashtable", $"{Collections}SortedList"),
        .. Rows(SharedFamily.Map, mayBeParent: false,
            $"{Immutable}ImmutableDictionary`2", $"{Immutable}ImmutableSortedDictionary`2", $"{Immutable}ImmutableDictionary`2+Builder",
            $"{Immutable}ImmutableSortedDictionary`2+Builder", $"{Frozen}FrozenDictionary`2", "System.Dynamic.ExpandoObject",
            $"{Collections}Specialized.ListDictionary", $"{Collections}Specialized.HybridDictionary", $"{Collections}Specialized.OrderedDictionary"),
        .. Rows(SharedFamily.Fields, mayBeParent: true,
            $"{Objects}Collection`1", $"{Objects}KeyedCollection`2", $"{Objects}ObservableCollection`1", $"{Objects}ReadOnlyCollection`1", $"{Objects}ReadOnlyDictionary`2", $"{Objects}ReadOnlySet`1",
            $"{Objects}ReadOnlyObservableCollection`1", "System.Runtime.CompilerServices.StrongBox`1"),
        .. Rows(SharedFamily.Fields, mayBeParent: false,
            "System.Nullable`1", $"{Generic}KeyValuePair`2", "System.ArraySegment`1", "System.Memory`1", "System.ReadOnlyMemory`1", "System.Buffers.ReadOnlySequence`1",
            "System.Threading.Tasks.ValueTask`1",
            $"{Generic}ComparisonComparer`1", $"{Generic}EqualityComparer`1+DelegateEqualityComparer", $"{Generic}DelegateEqualityComparer`1",
            "Midflight.Table`2", "Midflight.JobOutcome`1", "Midflight.Down", "Midflight.Exited", "Midflight.ExitReason", "Midflight.HandlerRemoved", "Midflight.ProcessStatus",
            "Midflight.RegistryEntry", "Midflight.Via", "Midflight.GenStateMachine+Event"),
        .. Enumerable.Range(1, 8).SelectMany(count => Rows(SharedFamily.Fields, mayBeParent: false, $"System.ValueTuple`{count}", $"System.Tuple`{count}")),
        .. Rows(SharedFamily.Own, mayBeParent: true, "System.Exception"),
        .. Rows(SharedFamily.Own, mayBeParent: false,
            $"{Generic}PriorityQueue`2", $"{Generic}LinkedListNode`1", $"{Concurrent}BlockingCollection`1", "System.Linq.Lookup`2",
            "System.WeakReference", "System.WeakReference`1", "System.Text.StringBuilder", $"{Collections}BitArray"),
        .. Rows(SharedFamily.AtRest, mayBeParent: false,
            "System.Lazy`1", "System.Threading.Channels.Channel`1", "System.Threading.Channels.ChannelReader`1",
            "System.Threading.Channels.ChannelWriter`1", "System.Threading.Tasks.Task", "System.Threading.Tasks.Task`1", "System.Threading.Tasks.TaskCompletionSource`1"),
    ]).ToFrozenDictionary(rule => rule.FullName);

    // Delegates and comparers: what stands there is known only when one looks at the value.
    private static readonly string[] s_open =
    [
        "System.Action", "System.Func`", "System.Predicate`", "System.Comparison`", "System.EventHandler", "System.Converter`",
        "System.Delegate", "System.MulticastDelegate", $"{Generic}Comparer`", $"{Generic}EqualityComparer`", "System.ValueType", "System.Enum",
        "System.Array",
    ];

    /// <summary>The row of a type; null for one that is looked through.</summary>
    public static SharedRule? Find(string fullName) => All.GetValueOrDefault(fullName);

    /// <summary>Whether values of a type hold others that conversion can take over one by one.</summary>
    public static bool AreParts(string fullName) => Find(fullName) is { Family: not SharedFamily.AtRest };

    public static bool IsTuple(string fullName) =>
        fullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || fullName.StartsWith("System.Tuple`", StringComparison.Ordinal);

    /// <summary>Whether only a value can tell what is in a place of this type.</summary>
    public static bool AreOpen(string fullName) =>
        fullName == "System.Object" || IsInterface(fullName) || s_open.Any(open => fullName.StartsWith(open, StringComparison.Ordinal));

    // Metadata does not say of another assembly's type whether it is an interface; its name does.
    public static bool IsInterface(string fullName) =>
        fullName.AsSpan()[(fullName.LastIndexOfAny(['.', '+']) + 1)..] is ['I', >= 'A' and <= 'Z', ..];

    /// <summary>Whether a hot type may derive from it: it has no state, or one that is known how to take over.</summary>
    public static bool MayBeParent(string fullName) => Find(fullName) is not { MayBeParent: false };

    private static IEnumerable<SharedRule> Rows(SharedFamily family, bool mayBeParent, params string[] names) =>
        names.Select(name => new SharedRule(name, family) { MayBeParent = mayBeParent });
}
