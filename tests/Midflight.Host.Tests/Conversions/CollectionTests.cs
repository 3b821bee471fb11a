using System.Collections.Immutable;
using Midflight.Releases;
using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Collections of hot values are rebuilt through their API.</summary>
public sealed class CollectionTests
{
    private const string Types = "public record Item(int N) : IComparable<Item> { public int CompareTo(Item? other) => N - other!.N; }";

    [Theory]
    [InlineData("List<Item>", "[new(1), new(2)]", "it[1].N", 2)]
    [InlineData("Item[]", "[new(1), new(2)]", "it[1].N", 2)]
    [InlineData("Item[,]", "new Item[,] { { new(1), new(2) } }", "it[0, 1].N", 2)]
    [InlineData("(int, Item)[]", "[(1, new(2))]", "it[0].Item2.N", 2)]
    [InlineData("Queue<Item>", "new([new(1), new(2)])", "it.Dequeue().N", 1)]
    [InlineData("Stack<Item>", "new([new(1), new(2)])", "it.Pop().N", 2)]
    [InlineData("LinkedList<Item>", "new([new(1), new(2)])", "it.Last!.Value.N", 2)]
    [InlineData("HashSet<Item>", "[new(1)]", "it.Contains(new(1))", true)]
    [InlineData("SortedSet<Item>", "[new(2), new(1)]", "it.Min!.N", 1)]
    [InlineData("PriorityQueue<string, Item>", "new([(\"b\", new(2)), (\"a\", new(1))])", "it.Dequeue()", "a")]
    [InlineData("Dictionary<Item, string>", "new() { [new(1)] = \"a\" }", "it[new(1)]", "a")]
    [InlineData("SortedDictionary<Item, string>", "new() { [new(1)] = \"a\" }", "it[new(1)]", "a")]
    [InlineData("SortedList<Item, string>", "new() { [new(1)] = \"a\" }", "it[new(1)]", "a")]
    [InlineData("OrderedDictionary<Item, string>", "new() { [new(1)] = \"a\" }", "it[new(1)]", "a")]
    [InlineData("System.Collections.ObjectModel.ReadOnlyCollection<Item>", "new([new(1)])", "it[0].N", 1)]
    [InlineData("System.Collections.ObjectModel.ReadOnlyDictionary<Item, string>", "new(new Dictionary<Item, string> { [new(1)] = \"a\" })", "it[new(1)]", "a")]
    [InlineData("System.Collections.Frozen.FrozenSet<Item>", "System.Collections.Frozen.FrozenSet.ToFrozenSet<Item>([new(1)])", "it.Contains(new(1))", true)]
    [InlineData("System.Collections.Frozen.FrozenDictionary<Item, string>", "System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<Item, string> { [new(1)] = \"a\" })", "it[new(1)]", "a")]
    [InlineData("ImmutableArray<Item>", "[new(1)]", "it[0].N", 1)]
    [InlineData("ImmutableArray<Item>", "default", "it.IsDefault", true)]
    [InlineData("ImmutableList<Item>", "[new(1)]", "it[0].N", 1)]
    [InlineData("ImmutableQueue<Item>", "[new(1), new(2)]", "it.Peek().N", 1)]
    [InlineData("ImmutableStack<Item>", "ImmutableStack.Create<Item>(new(1), new(2))", "it.Peek().N", 2)]
    [InlineData("ImmutableHashSet<Item>", "[new(1)]", "it.Contains(new(1))", true)]
    [InlineData("ImmutableSortedSet<Item>", "[new(2), new(1)]", "it[0].N", 1)]
    [InlineData("ImmutableDictionary<Item, string>", "ImmutableDictionary<Item, string>.Empty.Add(new(1), \"a\")", "it[new(1)]", "a")]
    [InlineData("ImmutableSortedDictionary<Item, string>", "ImmutableSortedDictionary<Item, string>.Empty.Add(new(1), \"a\")", "it[new(1)]", "a")]
    [InlineData("System.Collections.Concurrent.ConcurrentDictionary<Item, string>", "new([KeyValuePair.Create(new Item(1), \"a\")])", "it[new(1)]", "a")]
    [InlineData("System.Collections.Concurrent.ConcurrentQueue<Item>", "new([new(1)])", "it.First().N", 1)]
    [InlineData("System.Collections.Concurrent.ConcurrentStack<Item>", "new([new(1), new(2)])", "it.First().N", 2)]
    [InlineData("System.Collections.Concurrent.ConcurrentBag<Item>", "[new(1)]", "it.First().N", 1)]
    [InlineData("IReadOnlyList<Item>", "[new(1)]", "it[0].N", 1)]
    [InlineData("Tuple<Item, int>", "new(new(1), 2)", "it.Item1.N", 1)]
    [InlineData("KeyValuePair<Item, int>", "new(new(1), 2)", "it.Key.N", 1)]
    [InlineData("(Item, (int, Item))", "(new(1), (2, new(3)))", "it.Item2.Item2.N", 3)]
    public void A_collection_of_hot_values_is_rebuilt(string type, string value, string show, object expected)
    {
        var holder = $"{Types} public class Session {{ public {type} It = default!; }}";

        Assert.Equal(expected, Cross(holder, $"new Session {{ It = {value} }}", $"Session it => F(it.It); static object? F({type} it) => {show}"));
        // Also where only the value tells.
        Assert.Equal(expected, Cross(Types, $"({type}){(value == "default" ? $"default({type})" : value)}", $"object it => F(({type})it); static object? F({type} it) => {show}"));
    }

    [Fact]
    public void Every_rule_is_known_to_the_planner_and_to_the_node() => Assert.Equal(
        SharedRules.All.Values.Where(rule => rule.Family != SharedFamily.Fields).Select(rule => rule.FullName).Order(StringComparer.Ordinal),
        SharedConverters.Rows.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_type_with_a_rule_is_one_of_dot_net_or_Midflight() => Assert.All(
        SharedRules.All.Keys.Where(name => !name.Contains("DelegateEqualityComparer", StringComparison.Ordinal)),
        name => Assert.Contains(Assemblies, assembly => assembly.GetType(name) is not null));

    private static readonly System.Reflection.Assembly[] Assemblies =
    [
        typeof(object).Assembly, typeof(Node).Assembly, typeof(SortedSet<>).Assembly, typeof(ImmutableList).Assembly, typeof(System.Collections.Concurrent.BlockingCollection<>).Assembly,
        typeof(System.Threading.Channels.Channel).Assembly, typeof(System.Linq.Lookup<,>).Assembly, typeof(System.Dynamic.ExpandoObject).Assembly, typeof(System.Buffers.ReadOnlySequence<>).Assembly,
        typeof(System.Collections.ObjectModel.ObservableCollection<>).Assembly, typeof(System.Collections.SortedList).Assembly, typeof(System.Collections.Specialized.HybridDictionary).Assembly,
    ];

    [Fact]
    public void Elements_widen_with_their_collection() => Assert.Equal(
        5L, Cross("public record Session(List<int> It);", "new Session([5])", "public record Session(List<long> It);", "Session it => it.It[0]"));

    [Fact]
    public void Comparers_go_over() => Assert.Equal(
        "1 1 True",
        Cross(
            "public class Session { public Dictionary<string, Item> A = new(StringComparer.OrdinalIgnoreCase); public HashSet<Item> B = new(new ByN()); public Dictionary<Item, int> C = []; } public record Item(int N); public class ByN : IEqualityComparer<Item> { public bool Equals(Item? a, Item? b) => true; public int GetHashCode(Item i) => 0; }",
            "new Session { A = { [\"a\"] = new(1) }, B = { new(1) } }",
            "Session it => $\"{it.A[\"A\"].N} {(it.B.Add(new(2)) ? 2 : 1)} {it.C.Comparer == EqualityComparer<Item>.Default}\""));

    [Fact]
    public void A_shared_container_that_holds_something_hot_is_rebuilt_and_others_beside_it_are_not() => Assert.Equal(
        "Item { N = 1 } True",
        Cross(
            "public record Item(int N); public class Session { public List<object> A = [new Item(1)]; public object[] B = T2.Shared; } public static class T2 { public static readonly object[] Shared = (object[])(AppDomain.CurrentDomain.GetData(\"conv-shared\") ?? Set([1])); static object[] Set(object[] a) { AppDomain.CurrentDomain.SetData(\"conv-shared\", a); return a; } }",
            "new Session()",
            "Session it => it.A[0] + \" \" + (it.B == T2.Shared)"));

    [Fact]
    public void What_has_no_rule_is_looked_through_and_refused_where_something_hot_is_in_it() => Assert.StartsWith(
        "Session.It: DataTable holds Item of the old version at DataTable",
        Refusal(Table, "T2.Of(new Item(1))", Table));

    [Fact]
    public void What_has_no_rule_passes_where_nothing_hot_is_in_it() => Assert.Equal(2, Cross(Table, "T2.Of(2)", "Session it => it.It.Rows[0][0]"));

    private const string Table = "public record Item(int N); public class Session { public System.Data.DataTable It = new(); } public static class T2 { public static Session Of(object value) { var s = new Session(); s.It.Columns.Add(\"a\", typeof(object)); s.It.Rows.Add(value); return s; } }";
}
