using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>A value passes by reference only where nothing in it can be of another version; else it is rebuilt, or refused with the way to what stands against it.</summary>
public sealed class ProofTests
{
    private const string Item = "public record Item(int N); ";

    [Theory]
    [InlineData("System.Collections.ArrayList", "new() { new Item(1) }", "it[0] is Item")]
    [InlineData("System.Collections.Hashtable", "new() { [\"a\"] = new Item(1) }", "it[\"a\"] is Item")]
    [InlineData("System.Collections.SortedList", "new() { [\"a\"] = new Item(1) }", "it[\"a\"] is Item")]
    [InlineData("System.Collections.ObjectModel.ObservableCollection<object>", "new() { new Item(1) }", "it[0] is Item")]
    [InlineData("System.Collections.ObjectModel.ReadOnlyObservableCollection<object>", "new(new() { new Item(1) })", "it[0] is Item")]
    [InlineData("Dictionary<string, object>", "new() { [\"a\"] = new Item(1) }", "it[\"a\"] is Item")]
    [InlineData("ImmutableDictionary<string, object>", "ImmutableDictionary<string, object>.Empty.Add(\"a\", new Item(1))", "it[\"a\"] is Item")]
    [InlineData("ImmutableList<object>.Builder", "Mk(); static ImmutableList<object>.Builder Mk() { var b = ImmutableList.CreateBuilder<object>(); b.Add(new Item(1)); return b; }", "it[0] is Item")]
    [InlineData("System.Dynamic.ExpandoObject", "Mk(); static System.Dynamic.ExpandoObject Mk() { var e = new System.Dynamic.ExpandoObject(); ((IDictionary<string, object?>)e)[\"a\"] = new Item(1); return e; }", "((IDictionary<string, object?>)it)[\"a\"] is Item")]
    [InlineData("System.Runtime.CompilerServices.StrongBox<object>", "new(new Item(1))", "it.Value is Item")]
    [InlineData("Memory<object>", "new object[] { new Item(1) }", "it.Span[0] is Item")]
    [InlineData("ArraySegment<object>", "new(new object[] { new Item(1) })", "it[0] is Item")]
    [InlineData("Lazy<object>", "new(new Item(1))", "it.Value is Item")]
    [InlineData("Task<object>", "Task.FromResult<object>(new Item(1))", "it.Result is Item")]
    [InlineData("ValueTask<object>", "new(new Item(1))", "it.Result is Item")]
    [InlineData("ILookup<string, object>", "new object[] { new Item(1) }.ToLookup(_ => \"a\")", "it[\"a\"].First() is Item")]
    [InlineData("System.Collections.Concurrent.BlockingCollection<object>", "new() { new Item(1) }", "it.Take() is Item")]
    [InlineData("System.Threading.Channels.Channel<object>", "Mk(); static System.Threading.Channels.Channel<object> Mk() { var c = System.Threading.Channels.Channel.CreateBounded<object>(3); c.Writer.TryWrite(new Item(1)); return c; }", "it.Reader.TryRead(out var x) && x is Item")]
    [InlineData("Exception", "new InvalidOperationException(\"a\", new AggregateException(new MyEx()))", "it.InnerException!.InnerException is MyEx")]
    [InlineData("ExitReason", "ExitReason.Error(new MyEx())", "it.Exception is MyEx")]
    [InlineData("Type", "typeof(List<Item>)", "it == typeof(List<Item>)")]
    [InlineData("System.Reflection.MethodInfo", "typeof(Item).GetMethod(\"get_N\")!", "it.DeclaringType == typeof(Item)")]
    [InlineData("SortedSet<string>", "new(Comparer<string>.Create(MyEx.Compare)) { \"a\" }", "it.Contains(\"A\")")]
    public void What_is_declared_as_dot_nets_own_is_taken_over_with_what_is_in_it(string type, string make, string show)
    {
        const string Types = Item + "public class MyEx : Exception { public static int Compare(string a, string b) => string.Compare(a, b, StringComparison.OrdinalIgnoreCase); }";

        Assert.Equal(true, Cross($"{Types} public class S {{ public {type} It = default!; }}", $"new S {{ It = Of() }}; static {type} Of() {{ return {(make.StartsWith("Mk(); ", StringComparison.Ordinal) ? $"Mk(); {make[6..]}" : $"{Typed(type, make)};")} }}", $"S it => F(it.It); static object? F({type} it) => {show}"));
    }

    private static string Typed(string type, string make) => make.StartsWith("new(", StringComparison.Ordinal) ? $"new {type}{make[3..]}" : make;

    [Fact]
    public void A_closed_collection_is_the_same_object_in_both_versions() => Assert.Equal(
        "True True",
        Cross(
            "public class S { public Dictionary<string, int> D = Shared.D; public List<string> L = Shared.L; } " + Shared,
            "new S()",
            "S it => $\"{ReferenceEquals(it.D, Shared.D)} {ReferenceEquals(it.L, Shared.L)}\""));

    // The same objects for both versions.
    private const string Shared = "public static class Shared { public static readonly Dictionary<string, int> D = Of<Dictionary<string, int>>(\"closed-d\"); public static readonly List<string> L = Of<List<string>>(\"closed-l\"); static T Of<T>(string key) where T : new() { if (AppDomain.CurrentDomain.GetData(key) is null) { AppDomain.CurrentDomain.SetData(key, new T()); } return (T)AppDomain.CurrentDomain.GetData(key)!; } }";

    [Fact]
    public void A_hot_type_may_derive_from_a_collection_and_nothing_that_it_overrides_is_called() => Assert.Equal(
        "2 2 t 7 2",
        Cross(
            Item + "public class Items : System.Collections.ObjectModel.Collection<Item> { public int Inserted; public string Tag = \"t\"; protected override void InsertItem(int index, Item item) { Inserted++; base.InsertItem(index, item); } } public class Map : Dictionary<string, Item> { }",
            "(new Items { new(1), new(2) }, new Map { [\"a\"] = new(7) })",
            "(Items A, Map B) it => $\"{it.A.Count} {it.A[1].N} {it.A.Tag} {it.B[\"a\"].N} {it.A.Inserted}\""));

    [Fact]
    public void Refusals_name_the_key_of_a_dictionary() => Assert.Contains(
        "S.D[\"b\"]: ",
        Refusal(
            "public class Gone { } public class S { public Dictionary<string, object> D = new() { [\"a\"] = 1, [\"b\"] = new Gone() }; }",
            "new S()",
            "public class S { public Dictionary<string, object> D = []; }"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Dictionary<K, string>", "new() { [new(1, 1)] = \"x\", [new(1, 2)] = \"y\" }")]
    [InlineData("HashSet<K>", "[new(1, 1), new(1, 2)]")]
    [InlineData("System.Collections.Concurrent.ConcurrentDictionary<K, string>", "new([KeyValuePair.Create(new K(1, 1), \"x\"), KeyValuePair.Create(new K(1, 2), \"y\")])")]
    [InlineData("ImmutableDictionary<K, string>", "ImmutableDictionary<K, string>.Empty.Add(new(1, 1), \"x\").Add(new(1, 2), \"x\")")]
    [InlineData("ImmutableHashSet<K>", "[new(1, 1), new(1, 2)]")]
    [InlineData("System.Collections.Frozen.FrozenSet<K>", "System.Collections.Frozen.FrozenSet.ToFrozenSet<K>([new(1, 1), new(1, 2)])")]
    public void Two_keys_that_become_one_are_refused(string type, string value) => Assert.Contains(
        "equals another one in the new version",
        Refusal($"public record K(int A, int B); public class S {{ public {type} M = {value}; }}", "new S()", $"public record K(int A); public class S {{ public {type} M = null!; }}"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ImmutableHashSet<Seat>", "r.Seats.Add(new(r, 1))")]
    [InlineData("System.Collections.Frozen.FrozenSet<Seat>", "System.Collections.Frozen.FrozenSet.ToFrozenSet<Seat>([new(r, 1)])")]
    public void An_immutable_set_whose_key_leads_back_to_its_owner_is_built_when_the_owner_is_whole(string type, string value)
    {
        var types = $"public class Room {{ public {type} Seats = {(type.StartsWith('I') ? $"{type}.Empty" : $"{type}.Empty")}; public string Name = \"\"; public override int GetHashCode() => Name.GetHashCode(); public override bool Equals(object? o) => o is Room r && r.Name == Name; }} public record Seat(Room Room, int N);";
        Assert.Equal(true, Cross(types, $"Mk(); static object Mk() {{ var r = new Room {{ Name = \"a\" }}; r.Seats = {value}; return r; }}", "Room it => it.Seats.Contains(new(it, 1))"));
    }
}
