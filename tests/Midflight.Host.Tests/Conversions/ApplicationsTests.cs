using Midflight.Testing;

namespace Midflight.Host.Tests.Conversions;

/// <summary>Values that are made of types of several applications.</summary>
public sealed class ApplicationsTests
{
    private const string Library = "namespace Lib; public record Envelope(object Body, string To); public record Plain(int N); public record Box<T>(T It);";

    private static readonly string[] s_values = ["Envelope", "Shared", "Box", "Plain"];

    private static string App(string member) => $$"""
        namespace App;
        public record Message(string Text{{member}});
        public static class Make
        {
            public static object Envelope() => new Lib.Envelope(new List<object> { new Message("hello") }, "ann");
            public static object Shared() => new Lib.Envelope("hello", "ann");
            public static object Box() => new Lib.Box<Message>(new("hello"));
            public static object Plain() => new Lib.Plain(1);
            public static string Show(object it) => it switch
            {
                Lib.Envelope { Body: List<object> all } => $"{all[0]}",
                Lib.Box<Message> box => $"{box.It}",
                _ => $"{it}",
            };
        }
        """;

    [Fact]
    public async Task What_old_code_put_into_a_value_of_an_unchanged_application_is_converted_and_nothing_else_is()
    {
        await using var node = new TestNode();
        var library = Compile.Application("lib", Library);
        await node.Load(library);
        await node.Load(Compile.Application("app", App(""), uses: library));
        var old = Array.ConvertAll(s_values, function => Hot.Call(node, "App.Make", function)!);

        await node.Load(Compile.Application("app", App(", int N = 7"), "0.2.0", uses: library));
        var incoming = node.Code.Find("app")!.Current!.Version.Incoming!;
        var now = Array.ConvertAll(old, incoming.Receive);

        Assert.Equal("Message { Text = hello, N = 7 }", Hot.Call(node, "App.Make", "Show", now[0]));
        Assert.Same(old[1], now[1]);
        Assert.Equal("Message { Text = hello, N = 7 }", Hot.Call(node, "App.Make", "Show", now[2]));
        Assert.Same(old[3], now[3]);
    }

    [Fact]
    public async Task A_state_made_of_types_of_a_changed_library_converts_with_the_application_that_uses_it()
    {
        await using var node = new TestNode();
        var library = Compile.Application("lib", Library);
        await node.Load(library);
        await node.Load(Compile.Application("app", App(""), uses: library));
        var old = Hot.Call(node, "App.Make", "Plain")!;

        await node.Load(Compile.Application("lib", Library.Replace("Plain(int N);", "Plain(int N) { public string S { get; init; } = \"new\"; }", StringComparison.Ordinal), "0.2.0"));
        var now = node.Code.Find("app")!.Current!.Version.Incoming!.Receive(old);

        Assert.Equal("Plain { N = 1, S = new }", now.ToString());
        Assert.NotSame(old.GetType(), now.GetType());
    }

    [Fact]
    public async Task Types_of_the_same_full_name_in_two_applications_are_two_types()
    {
        // Both have a Common.Note, as when a source file is compiled into each, and both an anonymous type with the same number.
        const string Note = "namespace Common { internal record Note(string Text); }";
        const string OtherNote = "namespace Common { internal record Note(int Number, long More = 5); }";

        static string Of(string space, string note, string make) => $$"""
            {{note}}
            namespace {{space}}
            {
                public static class Make
                {
                    public static object Note() => {{make}};
                    public static object Anonymous() => new { {{space}} = 1 };
                    public static string Show(object it) => it is Common.Note note ? $"{note}" : it.ToString()!;
                }
            }
            """;

        await using var node = new TestNode();
        var library = Compile.Application("lib", Of("Lib", Note, "new Common.Note(\"of lib\")"));
        await node.Load(library);
        await node.Load(Compile.Application("app", Of("App", OtherNote, "typeof(Lib.Make) is null ? null! : new Common.Note(7)"), uses: library));
        object[] old = [Hot.Call(node, "Lib.Make", "Note")!, Hot.Call(node, "Lib.Make", "Anonymous")!, Hot.Call(node, "App.Make", "Note")!, Hot.Call(node, "App.Make", "Anonymous")!];

        await node.Load(Compile.Application("lib", Of("Lib", Note.Replace("string Text", "string Text, int N = 1", StringComparison.Ordinal), "null!"), "0.2.0"));
        var incoming = node.Code.Find("app")!.Current!.Version.Incoming!;
        var now = Array.ConvertAll(old, incoming.Receive);
        Assert.Equal("Note { Text = of lib, N = 1 }", Hot.Call(node, "Lib.Make", "Show", now[0]));
        Assert.Equal("{ Lib = 1 }", Hot.Call(node, "Lib.Make", "Show", now[1]));
        Assert.Equal("Note { Number = 7, More = 5 }", Hot.Call(node, "App.Make", "Show", now[2]));
        Assert.Equal("{ App = 1 }", Hot.Call(node, "App.Make", "Show", now[3]));
    }
}
