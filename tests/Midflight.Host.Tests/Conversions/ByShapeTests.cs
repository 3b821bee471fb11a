using static Midflight.Host.Tests.Conversions.Versions;

namespace Midflight.Host.Tests.Conversions;

/// <summary>What is converted by shape: members, numbers, enums, structs, hierarchies.</summary>
public sealed class ByShapeTests
{
    [Fact]
    public void A_record_keeps_its_members() => Assert.Equal(
        "Session { User = ann, Age = 7 }",
        Cross("public record Session(string User, int Age);", "new Session(\"ann\", 7)", "Session it => it.ToString()"));

    [Fact]
    public void A_record_gains_a_member_with_its_declared_default() => Assert.Equal(
        "Session { User = ann, Age = 7, At = Blue, Ratio = 1.5 }",
        Cross(
            "public record Session(string User);", "new Session(\"ann\")",
            "public enum Color { Red, Blue } public record Session(string User, int Age = 7, Color At = Color.Blue, decimal Ratio = 1.5m);", "Session it => it.ToString()"));

    [Fact]
    public void Initialisers_run_and_do_not_touch_what_is_kept() => Assert.Equal(
        "ann 3 1",
        Cross(
            "public class Session { public string User = \"\"; public int Count = 1; }", "new Session { User = \"ann\", Count = 3 }",
            "public class Session { public string User = \"\"; public int Count = 1; public List<int> Rooms { get; } = [4]; }",
            "Session it => $\"{it.User} {it.Count} {it.Rooms.Count}\""));

    [Fact]
    public void No_constructor_runs_where_nothing_needs_one() => Assert.Equal(
        1, Cross("public class Session { public int N = 1; public Session(int n) { N += n; } }", "new Session(0)", "Session it => it.N"));

    [Fact]
    public void A_member_that_may_be_null_is_null_and_a_value_is_zero() => Assert.Equal(
        "- 0", Cross("public class Session;", "new Session()", "public class Session { public string? A; public int B; }", "Session it => $\"{it.A ?? \"-\"} {it.B}\""));

    [Theory]
    [InlineData("int", "7", "long", "7")]
    [InlineData("int", "7", "long?", "7")]
    [InlineData("int?", "null", "long?", "")]
    [InlineData("float", "0.5f", "double", "0.5")]
    [InlineData("int", "7", "decimal", "7")]
    [InlineData("int", "7", "object", "7")]
    [InlineData("char", "'a'", "int", "97")]
    [InlineData("Color?", "Color.Blue", "Color?", "Blue")]
    [InlineData("Point", "new(1, 2)", "Point?", "Point { X = 1, Y = 2 }")]
    public void Values_widen(string old, string value, string now, string expected)
    {
        const string Types = "public enum Color { Red, Blue } public record struct Point(int X, int Y);";
        Assert.Equal(expected, Cross(
            $"{Types} public class Session {{ public {old} X; }}", $"new Session {{ X = {value} }}", $"{Types} public class Session {{ public {now} X; }}",
            "Session it => System.FormattableString.Invariant($\"{it.X}\")"));
    }

    [Fact]
    public void Enums_go_by_name_and_flags_too() => Assert.Equal(
        "D, B",
        Cross("[Flags] public enum Session { A = 1, B = 2, C = 4, D = 8 }", "Session.B | Session.D", "[Flags] public enum Session { D = 1, B = 4 }", "Session it => it.ToString()"));

    [Fact]
    public void A_name_of_an_enum_that_is_gone_is_refused_where_a_value_of_it_is_held() => Assert.Equal(
        "Session.X: Color.Red is gone, but a value of it is still in use. Keep `Red` in Color, or convert the type that holds it.",
        Refusal("public enum Color { Red } public record Session(Color X);", "new Session(Color.Red)", "public enum Color { Blue } public record Session(Color X);"));

    [Fact]
    public void Private_members_of_hot_ancestors_are_kept() => Assert.Equal(
        "1 2 3",
        Cross(
            "public class A { private int _x = 1; public int GetX() => _x; } public class B<T> : A { private T _x; protected B(T x) => _x = x; public T GetY() => _x; } public class Session : B<int> { private int _x = 3; public Session() : base(2) { } public int GetZ() => _x; }",
            "new Session()",
            "Session it => $\"{it.GetX()} {it.GetY()} {it.GetZ()}\""));

    [Fact]
    public void Places_open_to_many_types_go_by_what_they_hold() => Assert.Equal(
        "Dog, Cat, 5, text",
        Cross(
            "public interface IPet; public class Dog : IPet; public sealed class Cat : IPet; public class Session { public IPet A = new Dog(); public object B = new Cat(); public object C = 5; public object D = \"text\"; }",
            "new Session()",
            "Session it => string.Join(\", \", (object[])[(Dog)it.A, (Cat)it.B, it.C, it.D])"));

    [Fact]
    public void A_subclass_in_a_place_of_its_base_stays_one() => Assert.Equal(
        9, Cross("public class A; public class B : A { public int N = 9; } public class Session { public A It = new B(); public A[] Its = [new B()]; }", "new Session()", "Session it => ((B)it.It).N + ((B)it.Its[0]).N - 9"));

    [Fact]
    public void Hot_generic_types_convert_with_their_arguments() => Assert.Equal(
        "Box { It = Item { N = 4 } }",
        Cross("public record Item(int N); public record Box<T>(T It);", "new Box<Item>(new(4))", "Box<Item> it => it.ToString()"));

    [Fact]
    public void Anonymous_values_of_state_are_values_like_others() => Assert.Equal(
        "{ A = 1, B = Item { N = 2 } }",
        Cross("public record Item(int N);", "new { A = 1, B = new Item(2) }", "public record Item(int N); class K { object F() => new { A = 1, B = new Item(2) }; }", "object it => it.ToString()"));

    [Fact]
    public void An_exception_keeps_message_inner_exception_data_and_trace_as_text()
    {
        const string Types = """
            public class Oops(int n) : InvalidOperationException("oops", new Inner()) { public int N = n; }
            public class Inner : Exception { public override string Message => "inner"; }
            public static class Thrower
            {
                public static Exception Throw() { try { throw new Oops(3) { Data = { ["k"] = 5 } }; } catch (Exception e) { return e; } }
            }
            """;
        Assert.Equal("oops inner 3 5 True", Cross(Types, "Thrower.Throw()",
            "Oops it => $\"{it.Message} {((Inner)it.InnerException!).Message} {it.N} {it.Data[\"k\"]} {it.StackTrace!.Contains(\"Thrower.Throw\")}\""));
    }

    [Fact]
    public void What_has_no_hot_type_in_it_passes_as_it_is()
    {
        var versions = Of("public class Session;", "new List<object> { \"a\", new[] { 1 }, new Dictionary<string, object> { [\"x\"] = 1 } }", "public class Session;", "object it => it");
        var value = versions.Make()!;

        Assert.Same(value, versions.Up.Receive(value));
        Assert.Same(value, versions.Up.Convert(value, typeof(object)));
    }

    [Fact]
    public void The_old_value_stays_as_it_was()
    {
        var versions = Of(
            "public class Session { public List<object> All = []; public Session() => All.Add(this); }", "new Session()",
            "public class Session { public List<object> All = []; }", "Session it => it.All[0] == it");
        var old = versions.Make()!;

        Assert.NotSame(old, versions.Up.Receive(old));
        Assert.Same(old, ((List<object>)old.GetType().GetField("All")!.GetValue(old)!)[0]);
    }

    [Fact]
    public void A_value_of_the_target_version_passes()
    {
        var versions = Of("public record Session;", "new Session()", "public record Session;", "Session it => it");
        var now = versions.Up.Receive(versions.Make()!);

        Assert.Same(now, versions.Up.Receive(now));
    }

    [Fact]
    public void A_type_that_is_gone_is_refused_with_its_path() => Assert.Equal(
        "Session.It: Gone is gone from the new version, but a value of it is still in use. " +
        "Keep the type, or write in a type of the new version: `[Shape(\"0.1\", Name = \"Gone\")] sealed record GoneV1();`, and a [Convert] from it to what takes its place.",
        Refusal("public class Gone; public class Session { public object It = new Gone(); }", "new Session()", "public class Session { public object? It; }"));
}
