using System.Collections.Concurrent;
using System.Collections.Immutable;
using Midflight.Host.Evaluation;

namespace Midflight.Shell.Tests;

public sealed class PrinterTests
{
    public static TheoryData<object?, string> Values => new()
    {
        { null, "null" },
        { true, "true" },
        { 'a', "'a'" },
        { '\'', "'\\''" },
        { "say \"hi\"\t", "\"say \\\"hi\\\"\\t\"" },
        { 1.0, "1.0" },
        { 0.1, "0.1" },
        { -2.0, "-2.0" },
        { 1.50m, "1.50" },
        { DayOfWeek.Monday, "DayOfWeek.Monday" },
        { FileShare.Read | FileShare.Delete, "FileShare.Read | FileShare.Delete" },
        { (DayOfWeek)9, "(DayOfWeek)9" },
        { typeof(Dictionary<string, int?>), "typeof(Dictionary<string, int?>)" },
        { new object[] { 1, "a", null! }, "[1, \"a\", null]" },
        { ImmutableList.Create(1, 2), "[1, 2]" },
        { Array.Empty<int>(), "[]" },
        { new Dictionary<string, int> { ["a"] = 42 }, "{ [\"a\"] = 42 }" },
        { ImmutableDictionary<string, int>.Empty.Add("a", 42), "{ [\"a\"] = 42 }" },
        { new ConcurrentDictionary<string, int>(), "{ }" },
        { KeyValuePair.Create("a", 1), "{ [\"a\"] = 1 }" },
        { (1, "a"), "(1, \"a\")" },
        { new { Name = "a", Age = 1 }, "{ Name = \"a\", Age = 1 }" },
        { new Point(1, "a", [new Point(2, "b", [])]), "PrinterTests.Point { X = 1, Name = \"a\", Inner = [PrinterTests.Point { X = 2, Name = \"b\", Inner = [] }] }" },
        { new Plain { Value = 5 }, "PrinterTests.Plain { Value = 5, Fails = InvalidOperationException: not now }" },
        { new InvalidOperationException("no"), "InvalidOperationException: no" },
        { new Version(1, 2), "1.2" },
        { new Uri("http://a/"), "http://a/" },
        { default(Pid), "<0>" },
        { ExitReason.Normal, "normal" },
        { TimeSpan.FromSeconds(5), "00:00:05" },
        { 5, "5" },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void Writes_values_as_CSharp_would(object? value, string text) => Assert.Equal(text, Printer.Print(value));

    [Fact]
    public void Ends_a_cycle_where_it_closes()
    {
        var node = new List<object> { 1 };
        node.Add(node);

        Assert.Equal("[1, …]", Printer.Print(node));
    }

    [Fact]
    public void Cuts_what_is_long()
    {
        Assert.Equal($"[{string.Join(", ", Enumerable.Range(0, 100))}, …]", Printer.Print(Enumerable.Range(0, 1_000_000)));
        Assert.Equal($"\"{new string('a', 1_000)}…\"", Printer.Print(new string('a', 2_000)));
        Assert.True(Printer.Print(Enumerable.Range(0, 90).Select(_ => new string('a', 900))).Length < 10_000);
    }

    [Fact]
    public void Says_so_where_a_value_fails_while_it_is_written()
    {
        static IEnumerable<int> Failing()
        {
            yield return 1;
            throw new InvalidOperationException("changed");
        }

        Assert.Equal("[1… (InvalidOperationException: changed)", Printer.Print(Failing()));
    }

    internal sealed record Point(int X, string Name, Point[] Inner);

    internal sealed class Plain
    {
        public int Value { get; init; }

        public int Fails => Value == 5 ? throw new InvalidOperationException("not now") : 0;
    }
}
