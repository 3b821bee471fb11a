using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What is found before a version becomes current.</summary>
public sealed class PreparationTests
{
    private static string Initialized(int version, string body) => $$"""
        public static class Cv
        {
            public static int Vsn() => {{version}};

            public static List<string> Seen { get; } = [];

            [System.Runtime.CompilerServices.ModuleInitializer]
            public static void OnLoad() { {{body}} }
        }
        """;

    [Fact]
    public async Task A_module_initializer_that_throws_fails_the_load_and_the_version_before_stays()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("cv", Initialized(1, "")));

        var refused = Assert.IsType<LoadResult.Refused>(
            await node.Code.Load([Compile.Application("cv", Initialized(2, "throw new Exception(\"no\");"), "0.2.0")], PurgeMethod.Soft));

        Assert.Equal("cv 0.2.0 was not loaded: The module initializer of cv threw Exception: no. Fix it; the previous version stays current.", refused.Why.ToString());
        Assert.Equal(1, Hot.Call(node, "Cv", "Vsn"));
        Assert.Null(node.Code.Find("cv")!.Old);
    } // code-on-load-fails

    [Fact]
    public async Task While_a_module_initializer_runs_the_version_before_is_the_current_one()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("cv", Initialized(1, "")));
        await node.Load(Compile.Application("other", "public static class Other { public static Func<int>? Vsn { get; set; } }"));
        var vsn = node.Module("Cv").GetMethod("Vsn")!.CreateDelegate<Func<int>>();
        AppDomain.CurrentDomain.SetData("vsn", () => Midflight.Code.Call(vsn));

        await node.Load(Compile.Application("cv", Initialized(2, "Seen.Add($\"{((Func<int>)AppDomain.CurrentDomain.GetData(\"vsn\")!)()}, {Vsn()}\");"), "0.2.0"));
        AppDomain.CurrentDomain.SetData("vsn", null);

        Assert.Equal(["1, 2"], (List<string>)node.Module("Cv").GetProperty("Seen")!.GetValue(null)!);
        Assert.Equal(2, Hot.Call(node, "Cv", "Vsn"));
    } // code-on-load-order

    [Fact]
    public async Task A_method_that_refers_to_what_is_not_there_is_found_before_anyone_calls_it()
    {
        await using var node = new TestNode();
        var before = Compile.Application("config", "public static class Config { public static int Limit() => 1; public static int Gone() => 1; }");
        var now = Compile.Application("config", "public static class Config { public static int Limit() => 1; }");
        var user = Compile.Application("user", "public static class User { public static int Ask() => Config.Gone(); }", uses: before);

        var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([now, user], PurgeMethod.Soft));

        Assert.StartsWith("user 0.1.0 was not loaded: User.Ask cannot be compiled: MissingMethodException: Method not found: 'Int32 Config.Gone()'.", refused.Why.ToString(), StringComparison.Ordinal);
        Assert.Empty(node.Code.Which());
    }

    [Fact]
    public async Task A_behaviour_without_a_usable_constructor_is_found()
    {
        await using var node = new TestNode();

        var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load(
            [Compile.Application("bad", "public sealed class Bad(int size) : GenServer<int> { public int Size => size; }")], PurgeMethod.Soft));

        Assert.Equal(
            "bad 0.1.0 was not loaded: Bad has no constructor without parameters. Add one; a process gets what it needs in Init.",
            refused.Why.ToString());
    }

    [Fact]
    public async Task A_module_has_the_vsn_of_the_release_else_that_of_its_attribute_else_a_hash_of_all_hot_code_that_it_reaches()
    {
        static ApplicationImage Config(int limit) => Compile.Application("config", $"public static class Config {{ public static int Limit() => {limit}; }}");
        static ApplicationImage User(string more) => Compile.Application("user", $$"""
            [Vsn("7")] public static class Said;
            public static class Released;
            public static class Own { public static int One() => 1; }
            public static class Using { public static int Limit() => Config.Limit(); }
            {{more}}
            """, uses: Config(1)) is var image ? image with { Vsns = new Dictionary<string, string>(image.Vsns) { ["Released"] = "abc" } } : throw new InvalidOperationException();

        await using var node = new TestNode();
        await node.Load(Config(1), User(""));
        var first = node.Code.Find("user")!.Current!;
        Assert.Equal("7", first.Vsn("Said"));
        Assert.Equal("abc", first.Vsn("Released"));
        Assert.Null(first.Vsn("Nowhere"));

        await node.Load(User("public static class More;"));
        var rebuilt = node.Code.Find("user")!.Current!;
        Assert.Equal(first.Vsn("Own"), rebuilt.Vsn("Own"));
        Assert.Equal(first.Vsn("Using"), rebuilt.Vsn("Using"));

        await node.Load(Config(2));
        var changed = node.Code.Find("user")!.Current!;
        Assert.Equal(first.Vsn("Own"), changed.Vsn("Own"));
        Assert.NotEqual(first.Vsn("Using"), changed.Vsn("Using"));
    } // code-vsn-attribute
}
