namespace Midflight.Host.Tests.Conversions;

/// <summary>What is converted in a rehearsal while its process goes on: only what cannot change meanwhile.</summary>
public sealed class BesideTests
{
    private const string Item = "public sealed record Item(int Number);";
    private const string Now = "public sealed record Item(int Number, string Name = \"\");";

    [Theory]
    [InlineData("", "new Item(1)")]
    [InlineData("", "ImmutableDictionary<string, Item>.Empty.Add(\"a\", new(1))")]
    [InlineData("", "ImmutableArray.Create(new Item(1))")]
    [InlineData("", "(1, new Item(1))")]
    [InlineData("", "(object)new KeyValuePair<string, Item>(\"a\", new(1))")]
    [InlineData("public abstract record Shape; public record Box(ImmutableList<Item> Items) : Shape; public sealed record Tall(ImmutableList<Item> Items, object Height) : Box(Items);", "new List<Shape> { new Tall([new(1)], 2), new Box([]) }.ToImmutableList()")]
    [InlineData("public sealed class Held { public Item Item { get; } = new(1); public string Name { get; init; } = \"\"; }", "new Held()")]
    [InlineData("public sealed record Numbers(Dictionary<string, int> ByName, Item Item);", "new Numbers(new() { [\"a\"] = 1 }, new(1))")]
    [InlineData("public struct Pair { public Item First; public Item Second; } public sealed record Held(Pair Pair);", "new Held(new Pair { First = new(1) })")]
    public void What_never_changes_is_converted_beside_its_owner(string types, string make) => Assert.True(TryRehearse(types, make));

    [Theory]
    [InlineData("", "new[] { new Item(1) }")]
    [InlineData("", "new List<Item> { new(1) }")]
    [InlineData("", "ImmutableArray.CreateBuilder<Item>()")]
    [InlineData("", "ImmutableList<Item[]>.Empty.Add([new(1)])")]
    [InlineData("", "(1, new Queue<Item>())")]
    [InlineData("public sealed class Held { public Item Item { get; set; } = new(1); }", "new Held()")]
    [InlineData("public sealed class Held { public readonly Item Item = new(1); private int _count; public int Next() => ++_count; }", "new Held()")]
    [InlineData("public class Base { public int Count; } public sealed class Held : Base { public Item Item { get; } = new(1); }", "new Held()")]
    [InlineData("public sealed record Held(Item Item) { public Item? Cached { get; private set; } }", "new Held(new Item(1))")]
    [InlineData("public sealed record Held(object Anything, Item Item);", "new Held(new List<object> { 1 }, new Item(1))")]
    [InlineData("public sealed record Held(IReadOnlyList<Item> Items);", "new Held(new List<Item> { new(1) })")]
    [InlineData("public sealed record Held(IReadOnlyList<Item> Items);", "new Held([new Item(1)])")]
    [InlineData("public sealed record Held(Lazy<Item> Item);", "new Held(new Lazy<Item>(new Item(1)))")]
    [InlineData("public sealed class Items : List<Item>;", "new Items { new Item(1) }")]
    [InlineData("public sealed class Failed : Exception { public Item Item { get; } = new(1); }", "new Failed()")]
    [InlineData("public static class Names { public static int Of(Item item) => item.Number; }", "new Func<Item, int>(Names.Of)")]
    [InlineData("public sealed record Held(Memory<Item> Items);", "new Held(new Item[] { new(1) })")]
    [InlineData("", "new Dictionary<string, object> { [\"a\"] = new Item(1) }.AsReadOnly()")]
    public void What_can_change_is_left_to_its_owner(string types, string make) => Assert.False(TryRehearse(types, make));

    [Theory]
    [InlineData("string User", "string User, int Age", false)]
    [InlineData("List<string> Users", "List<string> Users, int Age", true)]
    public void A_written_conversion_gets_a_copy_which_is_made_beside_only_where_nothing_copied_can_change(string members, string now, bool needsOwner)
    {
        var (old, first) = ($"public sealed record Session({members});", members.Split(' ')[^1]);
        var make = $"new Session({(needsOwner ? "[\"ann\"]" : "\"ann\"")})";
        var versions = Versions.Of(
            old, make, $"public sealed record Session({now}) {{ [Shape(\"0.1\")] public sealed record V1({members}); [Convert] static Session From(V1 old) => new(old.{first}, 7); }}", "Session it => it.Age");
        Assert.Equal(!needsOwner, versions.Up.TryRehearse(versions.Make(), typeof(object)));
        Assert.Equal(7, versions.Cross());
    }

    [Fact]
    public void A_value_that_has_to_begin_anew_loses_what_it_loses_once()
    {
        var versions = Versions.Of(
            "public sealed record Held(string Note, object Rest);", "new Held(\"call back\", new List<object>())", "public sealed record Held(object Rest);", "Held it => it");
        versions.Up.Losses = new();
        var beside = new Losses();
        Assert.False(versions.Up.TryRehearse(versions.Make(), typeof(object), beside));
        Assert.Empty(beside.Sentences);
        Assert.Empty(versions.Up.Losses.Sentences);
        versions.Up.Receive(versions.Make()!);
        Assert.Contains("and 1 value holds something in it", Assert.Single(versions.Up.Losses.Sentences), StringComparison.Ordinal);
    }

    private static bool TryRehearse(string types, string make)
    {
        var versions = Versions.Of(Item + types, make, Now + types, "object it => it");
        var value = versions.Make();
        var beside = versions.Up.TryRehearse(value, typeof(object));
        Assert.NotNull(versions.Up.Receive(value!));
        return beside;
    }
}
