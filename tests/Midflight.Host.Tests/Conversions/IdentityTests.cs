using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Shared references and cycles stay what they were.</summary>
public sealed class IdentityTests
{
    private const string Node = "public class Node { public int N; public Node? Next; public object? Any; public List<Node> All = []; public Dictionary<Node, int> Index = []; public Node[]? Array; public HashSet<Item> Items = []; } public record Item(int N) { public Node? Owner; }";

    [Theory]
    [InlineData("N(n => n.Next = n)", "it.Next == it")]
    [InlineData("N(n => n.Any = n)", "it.Any == it")]
    [InlineData("N(n => n.All.Add(n))", "it.All[0] == it")]
    [InlineData("N(n => n.Array = [n, n])", "it.Array![1] == it")]
    [InlineData("N(n => n.Index[n] = 3)", "it.Index[it] == 3")]
    [InlineData("N(n => n.Any = n.All)", "it.Any == it.All")]
    [InlineData("N(n => { n.Next = new(); n.All = [n.Next, n.Next]; })", "it.All[0] == it.Next && it.All[1] == it.Next")]
    [InlineData("N(n => n.Items.Add(new(5) { Owner = n }))", "it.Items.Contains(new(5) { Owner = it }) && it.Items.Single().Owner == it")]
    [InlineData("N(n => { n.Any = ImmutableList.Create(new Node { Next = n }); })", "((ImmutableList<Node>)it.Any!)[0].Next == it")]
    public void Cycles_and_shared_objects_stay(string make, string show) => Assert.Equal(
        true,
        Cross(
            Node + "public static class M { public static Node N(Action<Node> a) { var n = new Node(); a(n); return n; } }", $"M.{make}",
            Node, $"Node it => {show}"));

    [Fact]
    public void A_list_of_objects_that_hold_one_another_may_be_as_long_as_it_likes() => Assert.Equal(
        30_000,
        Cross(
            Node + "public static class M { public static Node N() { Node? n = null; for (var i = 0; i < 30_000; i++) n = new() { Next = n }; return n!; } }", "M.N()",
            Node, "Node it => F(it); static object F(Node? it) { var n = 0; for (; it != null; it = it.Next) n++; return n; }"));
}
