namespace Midflight.Cases;

/// <summary>A kind of collection or wrapper: how its type is written, and how one is made of items.</summary>
/// <param name="Type">The type, with <c>E</c> for that of the items.</param>
/// <param name="Make">An expression, with <c>E</c> and <c>ITEMS</c>.</param>
/// <param name="Exactly">How many items it takes; null for any number.</param>
internal sealed record FamilyCollection(string Type, string Make, int? Exactly = null)
{
    private static readonly FamilyCollection s_list = new("List<E>", "new List<E> { ITEMS }");
    private static readonly FamilyCollection s_array = new("E[]", "new E[] { ITEMS }");
    private static readonly FamilyCollection s_readOnly = new("IReadOnlyList<E>", "new List<E> { ITEMS }");
    private static readonly FamilyCollection s_immutable = new("ImmutableList<E>", "ImmutableList.Create<E>(new E[] { ITEMS })");
    private static readonly FamilyCollection s_enumerable = new("IEnumerable<E>", "new List<E> { ITEMS }");

    /// <summary>What it may become: another kind with the same elements.</summary>
    public FamilyCollection[] Becomes { get; private init; } = [];

    /// <summary>Collections of one kind of item.</summary>
    public static FamilyCollection[] All { get; } =
    [
        s_list with { Becomes = [s_readOnly, s_immutable, s_array, s_enumerable] },
        s_array with { Becomes = [s_list, s_immutable] },
        s_immutable with { Becomes = [s_list] },
        new("Queue<E>", "new Queue<E>(new E[] { ITEMS })"),
        new("Stack<E>", "new Stack<E>(new E[] { ITEMS })"),
        new("LinkedList<E>", "new LinkedList<E>(new E[] { ITEMS })"),
        new("System.Collections.Concurrent.ConcurrentQueue<E>", "new System.Collections.Concurrent.ConcurrentQueue<E>(new E[] { ITEMS })"),
        new("ImmutableArray<E>", "ImmutableArray.Create<E>(new E[] { ITEMS })"),
        new("ImmutableQueue<E>", "ImmutableQueue.Create<E>(new E[] { ITEMS })"),
        new("System.Collections.ObjectModel.ObservableCollection<E>", "new System.Collections.ObjectModel.ObservableCollection<E>(new List<E> { ITEMS })"),
        new("System.Collections.ObjectModel.Collection<E>", "new System.Collections.ObjectModel.Collection<E>(new List<E> { ITEMS })"),
        new("System.Collections.ObjectModel.ReadOnlyCollection<E>", "new System.Collections.ObjectModel.ReadOnlyCollection<E>(new List<E> { ITEMS })"),
        new("System.Collections.ArrayList", "new System.Collections.ArrayList(new E[] { ITEMS })"),
        new("Dictionary<string, E>", "Keyed.Of(new Dictionary<string, E>(StringComparer.OrdinalIgnoreCase), new E[] { ITEMS })")
        {
            Becomes = [new("IReadOnlyDictionary<string, E>", "Keyed.Of(new Dictionary<string, E>(StringComparer.OrdinalIgnoreCase), new E[] { ITEMS })")],
        },
        new("SortedDictionary<string, E>", "Keyed.Of(new SortedDictionary<string, E>(), new E[] { ITEMS })"),
        new("System.Collections.Concurrent.ConcurrentDictionary<string, E>", "Keyed.Of(new System.Collections.Concurrent.ConcurrentDictionary<string, E>(), new E[] { ITEMS })"),
        new("ImmutableDictionary<string, E>", "ImmutableDictionary.CreateRange(Keyed.Of(new Dictionary<string, E>(), new E[] { ITEMS }))"),
        new("System.Collections.Hashtable", "new System.Collections.Hashtable(Keyed.Of(new Dictionary<string, E>(), new E[] { ITEMS }))"),
        new("Memory<E>", "new Memory<E>(new E[] { ITEMS })"),
    ];

    /// <summary>What wraps one item.</summary>
    public static FamilyCollection[] Wrappers { get; } =
    [
        new("(E, int)", "(ITEMS, 3)", 1),
        new("Tuple<E, string>", "Tuple.Create<E, string>(ITEMS, \"t\")", 1),
        new("KeyValuePair<string, E>", "KeyValuePair.Create<string, E>(\"k\", ITEMS)", 1),
        new("System.Runtime.CompilerServices.StrongBox<E>", "new System.Runtime.CompilerServices.StrongBox<E>(ITEMS)", 1),
        new("Task<E>", "Ended.With<E>(ITEMS)", 1),
        new("Lazy<E>", "new Lazy<E>((E)ITEMS)", 1),
    ];
}
