namespace Midflight.Shell.Tests;

/// <summary>What becomes of a shell's variables and functions when the code that they use changes.</summary>
public sealed class CodeChangeTests
{
    private const string First = """
        namespace Shop;
        public sealed record Item(string Name);
        public static class Stock
        {
            public static Item Make() => new("tea");
            public static string Describe(Item item) => item.Name;
        }
        """;

    private const string Second = """
        namespace Shop;
        public sealed record Item(string Name, int Count = 7);
        public static class Stock
        {
            public static Item Make() => new("tea", 1);
            public static string Describe(Item item) => $"{item.Count} {item.Name}";
        }
        """;

    private const string WithoutItem = """
        namespace Shop;
        public static class Stock
        {
            public static int Count() => 3;
        }
        """;

    [Fact]
    public async Task Variables_are_converted_and_functions_compiled_anew()
    {
        await using var shell = await TestShell.Open();
        shell.Write("shop.cs", First);
        await shell.Enter("c(\"shop\")");
        await shell.Enter("using System.Text;");
        await shell.Enter("var item = Stock.Make();");
        await shell.Enter("var items = new List<Item> { item };");
        await shell.Enter("var tuple = (1, item);");
        await shell.Enter("object any = item;");
        await shell.Enter("var number = 1;");
        await shell.Enter("string Show(Item one) => Stock.Describe(one) + number;");
        Assert.Equal("\"tea1\"", await shell.Enter("Show(item)"));

        shell.Write("shop.cs", Second);
        await shell.Enter("c(\"shop\")");

        Assert.Equal("Item { Name = \"tea\", Count = 7 }", await shell.Enter("item"));
        Assert.Equal("\"7 tea1\"", await shell.Enter("Show(items[0])"));
        Assert.Equal("(1, Item { Name = \"tea\", Count = 7 })", await shell.Enter("tuple"));
        Assert.Equal("true", await shell.Enter("any is Item"));
        Assert.Equal("true", await shell.Enter("object.ReferenceEquals(any, item)"));
        Assert.Equal("\"x\"", await shell.Enter("new StringBuilder(\"x\").ToString()"));
    }

    [Fact]
    public async Task A_value_that_cannot_be_converted_is_dropped_with_the_line_to_write()
    {
        await using var shell = await TestShell.Open();
        shell.Write("shop.cs", First);
        await shell.Enter("c(\"shop\")");
        await shell.Enter("var item = Stock.Make();");
        shell.Write("shop.cs", Second.Replace("int Count = 7", "int Count", StringComparison.Ordinal));

        var loaded = await shell.Enter("c(\"shop\")");

        Assert.StartsWith("note: item is gone with the code that changed: ", loaded, StringComparison.Ordinal);
        Assert.Contains("Count", loaded, StringComparison.Ordinal);
        Assert.EndsWith("[Shop.Stock]", loaded, StringComparison.Ordinal);
        Assert.Equal("Item { Name = \"tea\", Count = 1 }", await shell.Enter("Stock.Make()"));
    }

    [Fact]
    public async Task What_no_longer_fits_is_dropped_and_said()
    {
        await using var shell = await TestShell.Open();
        shell.Write("shop.cs", First);
        await shell.Enter("c(\"shop\")");
        await shell.Enter("var item = Stock.Make();");
        await shell.Enter("string Show(Item one) => one.Name;");
        await shell.Enter("var number = 5;");

        shell.Write("shop.cs", WithoutItem);

        Assert.Equal(
            """
            note: string Show(Item one) => one.Name; is gone with the code that changed: The type or namespace name 'Item' could not be found (are you missing a using directive or an assembly reference?)
            note: item is gone with the code that changed: The type or namespace name 'Item' does not exist in the namespace 'Shop' (are you missing an assembly reference?)
            [Shop.Stock]
            """,
            await shell.Enter("c(\"shop\")"));
        Assert.Equal("8", await shell.Enter("number + Stock.Count()"));
        Assert.Contains("error CS0103: The name 'item' does not exist", await shell.Enter("item"));
    }

    [Fact]
    public async Task A_shell_that_is_left_open_does_not_keep_the_old_version_in_memory()
    {
        await using var shell = await TestShell.Open();
        await using var other = await shell.Beside();
        shell.Write("shop.cs", First);
        await other.Enter("c(\"shop\")");
        await shell.Enter("using Shop;");
        await shell.Enter("var item = Stock.Make();");
        await shell.Enter("Func<string> typed = () => item.Name;");

        // This one only waits, while the other goes on to the third version.
        shell.Write("shop.cs", Second);
        await other.Enter("c(\"shop\")");
        var first = (await shell.Code.Purge("shop", Midflight.Releases.PurgeMethod.Soft)).Prove(shell.Node);

        Assert.All(first, report => Assert.True(report.Unloaded, report.ToString()));
        Assert.NotEmpty(first);
        Assert.Equal(
            """
            note: typed is gone with the code that changed: its type was typed here, and that code was compiled again
            Item { Name = "tea", Count = 7 }
            """,
            await shell.Enter("item"));
    }

    [Fact]
    public async Task Errors_of_a_file_name_the_file_and_leave_the_code_that_runs()
    {
        await using var shell = await TestShell.Open();
        shell.Write("shop.cs", First);
        await shell.Enter("c(\"shop.cs\")");
        shell.Write("shop.cs", First.Replace("\"tea\"", "tea", StringComparison.Ordinal));
        var refused = await shell.Show("l(Stock)");

        Assert.True(refused.IsError);
        Assert.Equal("shop.cs(5,38): error CS0103: The name 'tea' does not exist in the current context", refused.Text);
        Assert.Equal("\"tea\"", await shell.Enter("Stock.Make().Name"));
    }

    [Fact]
    public async Task Says_what_is_wrong_with_a_command()
    {
        await using var shell = await TestShell.Open();

        Assert.Equal("c takes the name of a file: c(\"kv.cs\").", await shell.Enter("c(KV)"));
        Assert.Equal("l takes one module: l(KV).", await shell.Enter("l()"));
        Assert.Equal($"There is no file {shell.Folder}/no.cs. The shell looks in {shell.Folder}.", await shell.Enter("c(\"no.cs\")"));
        Assert.Equal(
            "No file is known for KV. Compile it once by name, as in c(\"kv.cs\"), or upgrade the release that it belongs to.",
            await shell.Enter("r(KV)"));
    }

    [Fact]
    public async Task An_exception_of_loaded_code_says_where_it_was_thrown()
    {
        await using var shell = await TestShell.Open();
        shell.Write("bad.cs", "public static class Bad\n{\n    public static int Fail() =>\n        throw new InvalidOperationException(\"no\");\n}\n");
        await shell.Enter("c(\"bad.cs\")");

        Assert.Equal("InvalidOperationException: no\n  at Bad in bad.cs:line 4", await shell.Enter("Bad.Fail()"));
    }
}
