using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The node's side of the table of rules: for each row of <see cref="SharedRules"/> how its values are rebuilt.</summary>
internal static class SharedConverters
{
    // How collections are taken apart and put together: a method of Collections.
    private static readonly FrozenDictionary<string, string> s_collections = new Dictionary<string, string>
    {
        ["System.Collections.Generic.List`1"] = nameof(Collections.List),
        ["System.Collections.Generic.Queue`1"] = nameof(Collections.Queue),
        ["System.Collections.Generic.Stack`1"] = nameof(Collections.Stack),
        ["System.Collections.Generic.LinkedList`1"] = nameof(Collections.LinkedList),
        ["System.Collections.Generic.HashSet`1"] = nameof(Collections.HashSet),
        ["System.Collections.Generic.SortedSet`1"] = nameof(Collections.SortedSet),
        ["System.Collections.Generic.PriorityQueue`2"] = nameof(Collections.PriorityQueue),
        ["System.Collections.Generic.Dictionary`2"] = nameof(Collections.Dictionary),
        ["System.Collections.Generic.SortedDictionary`2"] = nameof(Collections.SortedDictionary),
        ["System.Collections.Generic.SortedList`2"] = nameof(Collections.SortedList),
        ["System.Collections.Generic.OrderedDictionary`2"] = nameof(Collections.OrderedDictionary),
        ["System.Collections.Concurrent.ConcurrentDictionary`2"] = nameof(Collections.ConcurrentDictionary),
        ["System.Collections.Concurrent.ConcurrentQueue`1"] = nameof(Collections.ConcurrentQueue),
        ["System.Collections.Concurrent.ConcurrentStack`1"] = nameof(Collections.ConcurrentStack),
        ["System.Collections.Concurrent.ConcurrentBag`1"] = nameof(Collections.ConcurrentBag),
        ["System.Collections.ArrayList"] = nameof(Collections.ArrayList),
        ["System.Collections.Queue"] = nameof(Collections.OldQueue),
        ["System.Collections.Stack"] = nameof(Collections.OldStack),
        ["System.Collections.Hashtable"] = nameof(Collections.Hashtable),
        ["System.Collections.SortedList"] = nameof(Collections.OldSortedList),
        ["System.Collections.Specialized.ListDictionary"] = nameof(Collections.ListDictionary),
        ["System.Collections.Specialized.HybridDictionary"] = nameof(Collections.HybridDictionary),
        ["System.Collections.Specialized.OrderedDictionary"] = nameof(Collections.OldOrderedDictionary),
        ["System.Dynamic.ExpandoObject"] = nameof(Collections.Expando),
        ["System.Collections.Immutable.ImmutableArray`1"] = nameof(Collections.ImmutableArray),
        ["System.Collections.Immutable.ImmutableList`1"] = nameof(Collections.ImmutableList),
        ["System.Collections.Immutable.ImmutableQueue`1"] = nameof(Collections.ImmutableQueue),
        ["System.Collections.Immutable.ImmutableStack`1"] = nameof(Collections.ImmutableStack),
        ["System.Collections.Immutable.ImmutableHashSet`1"] = nameof(Collections.ImmutableHashSet),
        ["System.Collections.Immutable.ImmutableSortedSet`1"] = nameof(Collections.ImmutableSortedSet),
        ["System.Collections.Immutable.ImmutableDictionary`2"] = nameof(Collections.ImmutableDictionary),
        ["System.Collections.Immutable.ImmutableSortedDictionary`2"] = nameof(Collections.ImmutableSortedDictionary),
        ["System.Collections.Immutable.ImmutableArray`1+Builder"] = nameof(Collections.ImmutableArrayBuilder),
        ["System.Collections.Immutable.ImmutableList`1+Builder"] = nameof(Collections.ImmutableListBuilder),
        ["System.Collections.Immutable.ImmutableHashSet`1+Builder"] = nameof(Collections.ImmutableHashSetBuilder),
        ["System.Collections.Immutable.ImmutableSortedSet`1+Builder"] = nameof(Collections.ImmutableSortedSetBuilder),
        ["System.Collections.Immutable.ImmutableDictionary`2+Builder"] = nameof(Collections.ImmutableDictionaryBuilder),
        ["System.Collections.Immutable.ImmutableSortedDictionary`2+Builder"] = nameof(Collections.ImmutableSortedDictionaryBuilder),
        ["System.Collections.Frozen.FrozenSet`1"] = nameof(Collections.FrozenSet),
        ["System.Collections.Frozen.FrozenDictionary`2"] = nameof(Collections.FrozenDictionary),
    }.ToFrozenDictionary();

    // What has a rule of its own: a method of OwnRules, TaskRules or WeakRules.
    private static readonly FrozenDictionary<string, string> s_own = new Dictionary<string, string>
    {
        ["System.Lazy`1"] = nameof(OwnRules.Lazy),
        ["System.WeakReference`1"] = nameof(WeakRules.Typed),
        ["System.WeakReference"] = nameof(WeakRules.Untyped),
        ["System.Collections.Concurrent.BlockingCollection`1"] = nameof(OwnRules.Blocking),
        ["System.Collections.Generic.LinkedListNode`1"] = nameof(OwnRules.Node),
        ["System.Linq.Lookup`2"] = nameof(OwnRules.Lookup),
        ["System.Threading.Channels.Channel`1"] = nameof(OwnRules.Channel),
        ["System.Threading.Channels.ChannelReader`1"] = nameof(OwnRules.End),
        ["System.Threading.Channels.ChannelWriter`1"] = nameof(OwnRules.End),
        ["System.Threading.Tasks.Task"] = nameof(TaskConverter),
        ["System.Threading.Tasks.Task`1"] = nameof(TaskRules.TaskOf),
        ["System.Threading.Tasks.TaskCompletionSource`1"] = nameof(TaskRules.Source),
        ["System.Text.StringBuilder"] = nameof(OwnRules.Text),
        ["System.Collections.BitArray"] = nameof(OwnRules.Bits),
        ["System.Exception"] = nameof(ExceptionConverter),
    }.ToFrozenDictionary();

    // What interfaces become where a collection of another kind stood.
    private static readonly FrozenDictionary<Type, Type> s_interfaces = new Dictionary<Type, Type>
    {
        [typeof(IEnumerable<>)] = typeof(List<>),
        [typeof(ICollection<>)] = typeof(List<>),
        [typeof(IReadOnlyCollection<>)] = typeof(List<>),
        [typeof(IList<>)] = typeof(List<>),
        [typeof(IReadOnlyList<>)] = typeof(List<>),
        [typeof(ISet<>)] = typeof(HashSet<>),
        [typeof(IReadOnlySet<>)] = typeof(HashSet<>),
        [typeof(IDictionary<,>)] = typeof(Dictionary<,>),
        [typeof(IReadOnlyDictionary<,>)] = typeof(Dictionary<,>),
        [typeof(IImmutableList<>)] = typeof(ImmutableList<>),
        [typeof(IImmutableSet<>)] = typeof(ImmutableHashSet<>),
        [typeof(IImmutableDictionary<,>)] = typeof(ImmutableDictionary<,>),
    }.ToFrozenDictionary();

    /// <summary>The rows that the node can carry out.</summary>
    public static IEnumerable<string> Rows => s_collections.Keys.Concat(s_own.Keys);

    /// <summary>The row of a type, and the type that it is of: frozen collections, tasks and exceptions are of types that derive from that of the row.</summary>
    public static (SharedRule Rule, Type Type)? RowOf(Type exact)
    {
        for (var at = exact; at is not null; at = at.BaseType)
        {
            if (SharedRules.Find(LoadedTypes.DefinitionName(at)) is { } rule && (at == exact || IsKindOf(rule, at, exact)))
            {
                return (rule, at);
            }
        }

        return null;
    }

    /// <summary>What takes values of a type with a rule over into another; null where there is no such rule.</summary>
    public static Converter? Between(Type from, Type to, ConverterTable table)
    {
        if (from.IsArray && to.IsArray)
        {
            return from.GetArrayRank() == to.GetArrayRank() ? new ArrayConverter(from, to, table) : null;
        }

        if (FormOf(from) is var (oldFamily, old, oldParts, wasImmutable) && FormOf(Concrete(to)) is var (family, now, parts, isImmutable) && CollectionKinds.Fit(oldFamily, family) && oldParts.Length == parts.Length)
        {
            return Of(old, oldParts, now, parts, from == to, isImmutable, wasImmutable && !isImmutable, table);
        }

        // An exception of the application is converted by its shape, and by its compiler what it has from Exception.
        return !LoadedTypes.IsHot(from) && RowOf(from) is var (rule, _) && RowOf(to) is var (same, newRow) && rule == same ? Of(rule, from, to, newRow) : null;
    }

    /// <summary>What takes a collection over and makes another one, though nothing in it has changed.</summary>
    public static Converter Rebuild(Type from, Type to, ConverterTable table)
    {
        var (_, old, oldParts, _) = FormOf(from)!.Value;
        var (_, now, parts, _) = FormOf(to)!.Value;
        return Of(old, oldParts, now, parts, isSame: false, isImmutable: false, beginsToChange: false, table);
    }

    private static CollectionConverter Of(Collection old, Type[] oldParts, Collection now, Type[] parts, bool isSame, bool isImmutable, bool beginsToChange, ConverterTable table) => new(
        old, now, table.Place(oldParts[0], parts[0]), parts.Length > 1 ? table.Place(oldParts[1], parts[1]) : null, isSame, isImmutable, beginsToChange);

    private static Converter? Of(SharedRule rule, Type from, Type to, Type newRow) => rule switch
    {
        { FullName: "System.Exception" } => new ExceptionConverter(from, to),
        { Family: SharedFamily.Fields } when from.IsValueType => new ShapeConverter(from, to, table => FieldPlan.OfTuple(from, to, table)),
        { Family: SharedFamily.Fields } => new FieldsConverter(from, to),
        { FullName: "System.Threading.Tasks.Task" } => new TaskConverter(from, TaskRules.TaskAlone),
        { FullName: "System.Threading.Tasks.Task`1" } => new TaskConverter(from, Own(nameof(TaskRules.TaskOf), newRow)),
        { FullName: "System.WeakReference" } => new OwnConverter(WeakRules.Untyped),
        { Family: SharedFamily.Own or SharedFamily.AtRest } when s_own.TryGetValue(rule.FullName, out var method) => new OwnConverter(Own(method, newRow)),
        _ => null,
    };

    private static Func<object, Crossing, object?> Own(string name, Type row)
    {
        var method = new[] { typeof(OwnRules), typeof(TaskRules), typeof(WeakRules) }.Select(type => type.GetMethod(name, BindingFlags.Public | BindingFlags.Static)).First(method => method is not null)!;
        return (method.IsGenericMethodDefinition ? method.MakeGenericMethod(row.GetGenericArguments()) : method).CreateDelegate<Func<object, Crossing, object?>>();
    }

    /// <summary>How a collection is taken apart and built, what its parts are, and whether it never changes; null for what is none.</summary>
    public static (SharedFamily Family, Collection Form, Type[] Parts, bool IsImmutable)? FormOf(Type type)
    {
        if (type.IsSZArray)
        {
            Type[] element = [type.GetElementType()!];
            return (SharedFamily.Sequence, Form(nameof(Collections.Array), element), element, false);
        }

        if (RowOf(type) is not var (rule, row) || !s_collections.TryGetValue(rule.FullName, out var form))
        {
            return null;
        }

        Type[] parts = rule.FullName switch
        {
            "System.Dynamic.ExpandoObject" => [typeof(string), typeof(object)],
            _ when row.IsGenericType => row.GetGenericArguments(),
            _ => rule.Family == SharedFamily.Map ? [typeof(object), typeof(object)] : [typeof(object)],
        };
        return (rule.Family, Form(form, row.IsGenericType ? parts : []), parts, IsImmutable(rule.FullName));
    }

    private static bool IsImmutable(string row) => !row.EndsWith("+Builder", StringComparison.Ordinal)
        && (row.StartsWith("System.Collections.Immutable.", StringComparison.Ordinal) || row.StartsWith("System.Collections.Frozen.", StringComparison.Ordinal));

    private static Collection Form(string name, Type[] arguments)
    {
        var method = typeof(Collections).GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;
        return (Collection)(arguments.Length > 0 ? method.MakeGenericMethod(arguments) : method).Invoke(null, null)!;
    }

    private static Type Concrete(Type to) => to.IsInterface && to.IsGenericType && s_interfaces.TryGetValue(to.GetGenericTypeDefinition(), out var kind)
        ? kind.MakeGenericType(to.GetGenericArguments())
        : to;

    // .NET's own types behind one that has a row; of exceptions all others too.
    private static bool IsKindOf(SharedRule rule, Type row, Type exact) =>
        rule.FullName == "System.Exception" || (exact.Assembly == row.Assembly && rule.FullName is
            "System.Collections.Frozen.FrozenSet`1" or "System.Collections.Frozen.FrozenDictionary`2" or "System.Linq.Lookup`2"
            or "System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1" or "System.Threading.Channels.Channel`1" or "System.Threading.Channels.ChannelReader`1"
            or "System.Threading.Channels.ChannelWriter`1" or "Midflight.ExitReason" or "Midflight.GenStateMachine+Event");
}
