using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Conversions keep no version alive but their own.</summary>
public sealed class UnloadTests
{
    private const string Types = """
        public enum Color { Red, Blue }
        public record struct Point(int X, int Y);
        public record Item(int N, Color C, Point P);
        public class Session
        {
            public MEMBERS
            public static int F(int n) => n;
        }
        """;

    [Theory]
    [InlineData("int N;")]
    [InlineData("Item It = new(1, Color.Blue, default);")]
    [InlineData("List<Item> List = [new(1, Color.Blue, default)];")]
    [InlineData("Dictionary<Item, Item[]> Map = new() { [new(1, Color.Red, default)] = [new(2, Color.Red, default)] };")]
    [InlineData("ImmutableDictionary<string, Item> Immutable = ImmutableDictionary<string, Item>.Empty.Add(\"a\", new(3, Color.Red, default));")]
    [InlineData("object Any = new HashSet<object> { new Item(4, Color.Red, default), 5, \"x\" };")]
    [InlineData("Func<int, int> On = F;")]
    [InlineData("(Item, int)? Pair = (new(5, Color.Red, default), 6);")]
    [InlineData("Type Type = typeof(List<Session>);")]
    public void The_old_version_unloads_while_the_new_one_lives_and_then_the_new_one(string members)
    {
        var held = new object?[2];
        var (old, now) = Convert(Types.Replace("MEMBERS", members, StringComparison.Ordinal), held);

        Collect(old);
        Assert.False(old.IsAlive, "The old version is still loaded.");
        Assert.True(now.IsAlive);

        Array.Clear(held);
        Collect(now);
        Assert.False(now.IsAlive, "The new version is still loaded.");
    }

    // Everything that refers to the versions stays in frames that are gone when the collector runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Old, WeakReference Now) Convert(string types, object?[] held)
    {
        var versions = Versions.Of(types, "new Session()", types, "Session it => it");

        Assert.Null(versions.Up.Rehearse(versions.Make()));
        var now = versions.Cross()!;
        versions.Down.Receive(now);
        var (old, current) = (Context(versions.Old), Context(versions.Now));
        (held[0], held[1]) = (now, versions.Up);
        ((AssemblyLoadContext)old.Target!).Unload();
        versions.Old.Unload();
        ((AssemblyLoadContext)current.Target!).Unload();
        return (old, current);
    }

    private static WeakReference Context(CodeVersion version) => new(AssemblyLoadContext.GetLoadContext(version.Assemblies[0]));

    private static void Collect(WeakReference reference)
    {
        for (var i = 0; i < 20 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
