using Midflight.Releases.Tests.Shapes;

namespace Midflight.Releases.Tests.Assemblies;

public sealed class CodeSetTests
{
    private static ModuleCode Module(string type, params string[] sources) =>
        new CodeSet([AssemblyFile.Read(Sources.Compile("App", sources))]).Modules("App").Single(module => module.Name == type) with
        {
            // A list is not compared by what is in it.
            Mentions = [],
        };

    [Fact]
    public void A_rebuild_without_a_change_is_no_change() => Assert.Equal(
        Module("A", "public class A { public int F(string s) => s.Length; }"),
        Module("A", "// Moved.\n\npublic class A { public int F(string s) => s.Length; }"));

    [Fact]
    public void Tokens_that_another_module_shifts_are_no_change()
    {
        const string A = "public class A { public async Task<int> F() { await Task.Yield(); return new { X = 1 }.X + new List<int> { 1, 2 }.Where(n => n > 1).Count(); } }";

        Assert.Equal(
            Module("A", A),
            Module("A", "public class Aa { public object F() => new { Y = \"text\", Z = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 } }; public string G = \"other\"; }", A));
    }

    [Fact]
    public void A_type_of_the_compiler_that_another_module_uses_too_is_no_change()
    {
        const string B = "public class B { public object F() => new { X = 1, Y = new { Z = 2 } }; public object G() => new { X = 3, Y = 4 }; }";

        Assert.Equal(Module("B", B), Module("B", "public class A { public object F() => new { X = 2, Y = new { Z = 5 } }; }", B));
    }

    [Theory]
    [InlineData("return s.Length + 1;")]
    [InlineData("return s.GetHashCode();")]
    [InlineData("return \"text\".Length;")]
    [InlineData("System.Func<int> f = () => s.Length; return f();")]
    public void Another_body_is_a_change(string body) => Assert.NotEqual(
        Module("A", "public class A { public int F(string s) { return s.Length; } }").Vsn,
        Module("A", $"public class A {{ public int F(string s) {{ {body} }} }}").Vsn);

    [Fact]
    public void A_change_in_what_a_module_reaches_changes_its_vsn_and_not_its_own_hash()
    {
        const string A = "public class A { public int F() => B.G(); } public class C;";
        var before = Module("A", A, "static class B { public static int G() => D.H; } static class D { public static int H => 1; }");
        var after = Module("A", A, "static class B { public static int G() => D.H; } static class D { public static int H => 2; }");

        Assert.NotEqual(before.Vsn, after.Vsn);
        Assert.Equal(before.OwnHash, after.OwnHash);
    }

    [Fact]
    public void What_a_module_reaches_goes_through_other_hot_assemblies()
    {
        ModuleCode Build(int value)
        {
            var library = Sources.Compile("Library", [$"public static class B {{ public static int G() => {value}; }}"]);
            var app = Sources.Compile("App", ["public class A { public int F() => B.G(); }"], library);
            return new CodeSet([AssemblyFile.Read(app), AssemblyFile.Read(library)]).Modules("App").Single();
        }

        Assert.Equal(Build(1).Vsn, Build(1).Vsn);
        Assert.NotEqual(Build(1).Vsn, Build(2).Vsn);
    }

    [Fact]
    public void A_written_vsn_is_taken() => Assert.Equal("1.2", Module("A", "[Vsn(\"1.2\")] public class A;").Vsn);

    [Fact]
    public void Modules_are_told_apart_by_what_they_derive_from()
    {
        var midflight = Sources.Compile("Midflight", [
            "namespace Midflight; public abstract class GenServer<T>; public abstract class Supervisor; public abstract class DynamicSupervisor; public abstract class Application;"]);
        var app = AssemblyFile.Read(Sources.Compile("App", [
            """
            namespace App;
            public record State(int N);
            public abstract class Typed<T> : Midflight.GenServer<List<T>>;
            public sealed class Echo : Typed<State>;
            public sealed class Top : Midflight.Supervisor;
            public sealed class Many : Midflight.DynamicSupervisor;
            public sealed class Start : Midflight.Application;
            public static class Loop;
            """], midflight));
        var set = new CodeSet([app]);
        var modules = set.Modules("App").ToDictionary(module => module.Name);

        Assert.Equal("App.Start", set.StartModule("App"));
        Assert.Equal(ModuleKind.GenServer, modules["App.Echo"].Kind);
        Assert.Equal("List<State>", modules["App.Echo"].State!.ToString());
        Assert.Equal(ModuleKind.Supervisor, modules["App.Top"].Kind);
        Assert.Equal(ModuleKind.DynamicSupervisor, modules["App.Many"].Kind);
        Assert.Equal(ModuleKind.Functions, modules["App.Loop"].Kind);
        Assert.Equal(ModuleKind.Other, modules["App.State"].Kind);
    }
}
