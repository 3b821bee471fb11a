using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Tables;

/// <summary>Tables in files, renamed, listed and written to at once: as ets_SUITE has them.</summary>
public sealed class TableFileTests : ProcessTest, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tables").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal sealed record Row(int Number, string? Text);

    [Theory]
    [InlineData(TableKind.Set)]
    [InlineData(TableKind.OrderedSet)]
    [InlineData(TableKind.Bag)]
    [InlineData(TableKind.DuplicateBag)]
    public Task A_table_is_written_to_a_file_and_read_again(TableKind kind) => Run(async () =>
    {
        var path = Path.Combine(_folder, "table");
        var table = new Table<(int, int), Row>(kind, name: "rows");

        for (var i = 0; i < 10; i++)
        {
            table.Insert((i % 7, 1), new(i, i == 3 ? null : "a\nb"));
            table.Insert((i % 7, 1), new(i, i == 3 ? null : "a\nb"));
        }

        await table.Save(path);
        await table.Save(path);
        var entries = table.Order(Comparer<KeyValuePair<(int, int), Row>>.Create((x, y) => (x.Key, x.Value.Number).CompareTo((y.Key, y.Value.Number)))).ToList();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Table<(int, int), Row>.Load(path));
        table.Delete();
        var read = await Table<(int, int), Row>.Load(path);
        Assert.Equal(("rows", Self, entries.Count), (read.Name, read.Owner, read.Count));
        Assert.Equal(entries, read.Order(Comparer<KeyValuePair<(int, int), Row>>.Create((x, y) => (x.Key, x.Value.Number).CompareTo((y.Key, y.Value.Number)))));
        Assert.Null((await Table<(int, int), Row>.Load(path, name: "")).Name);
        Assert.Single(Directory.GetFiles(_folder));
    });

    internal sealed record Hidden(int Number)
    {
        private int _seen;

        public int See() => ++_seen;
    }

    internal sealed class Ring
    {
        public Ring? Next { get; set; }

        public static Ring Closed()
        {
            var ring = new Ring();
            ring.Next = new() { Next = ring };
            return ring;
        }
    }

    internal record Animal(string Name);

    internal sealed record Dog(string Name, int Age) : Animal(Name);

    internal sealed record Ignoring(int Number)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public int Kept { get; init; }
    }

    internal sealed record Whole(
        Hidden Hidden, Ignoring Ignoring, List<Row> Rows, Dictionary<string, int[]> Counts, HashSet<int> Seen, double Share, DateTime When, Animal Animal, decimal Price, byte[] Bytes, int? None, (int, string) Pair, TimeSpan Time, char Letter);

    // Each would come back as another value than it was, without a word.
    public static TheoryData<string> Losses() => [.. s_losses.Keys];

    private static readonly Dictionary<string, (Func<string, Task<string>> Save, string Named)> s_losses = new()
    {
        ["a part of the node"] = (path => Refusal(path, Self), "which is more than its fields"),
        ["an object of .NET"] = (path => Refusal(path, new Lazy<int>(1)), "which is more than its fields"),
        ["a place of another type"] = (path => Refusal<object>(path, 1), "Value is a System.Int32, but would be read back as a System.Object"),
        ["another type further in"] = (path => Refusal(path, new object[] { 1 }), "Value[] is a System.Int32"),
        ["a derived type"] = (path => Refusal<Animal>(path, new Dog("Rex", 3)), "Dog"),
        ["a comparer"] = (path => Refusal(path, new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }), "a custom comparer"),
        ["a stack, which would be turned round"] = (path => Refusal(path, new Stack<int>([1, 2])), "a collection that JSON cannot restore"),
        ["half a character"] = (path => Refusal(path, "a\ud800b"), "half a surrogate pair"),
        ["a value within itself"] = (path => Refusal(path, Ring.Closed()), "or contains itself"),
        ["nothing"] = (path => Refusal(path, new object()), "a plain object with no content"),
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public Task What_would_not_come_back_as_it_is_is_refused_and_the_file_stays(string kind) => Run(async () =>
    {
        var path = Path.Combine(_folder, "table");
        await File.WriteAllTextAsync(path, kind);
        Assert.Contains(s_losses[kind].Named, await s_losses[kind].Save(path), StringComparison.Ordinal);
        Assert.Equal(kind, await File.ReadAllTextAsync(path));
        Assert.Single(Directory.GetFiles(_folder));
    });

    private static async Task<string> Refusal<TValue>(string path, TValue value)
        where TValue : notnull
    {
        var table = new Table<int, TValue> { [1] = value };
        return (await Assert.ThrowsAsync<NotSupportedException>(() => table.Save(path))).Message;
    }

    [Fact]
    public Task What_is_written_comes_back_whole() => Run(async () =>
    {
        var path = Path.Combine(_folder, "table");
        var hidden = new Hidden(1);
        hidden.See();
        var value = new Whole(
            hidden, new(2) { Kept = 3 }, [new(1, "\n\ud83d\ude00")], new() { [""] = [1, 2] }, [3], double.NaN, new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), new("Cat"), 1.00m, [1, 2], null, (1, "x"), TimeSpan.MaxValue, '"');
        await new Table<Guid, Whole> { [Guid.Empty] = value }.Save(path);
        var read = (await Table<Guid, Whole>.Load(path))[Guid.Empty];
        Assert.Equivalent(value, read, strict: true);
        Assert.Equal("1.00", $"{read.Price}");
        Assert.Equal((2, 3), (read.Hidden.See(), read.Ignoring.Kept));
        Assert.Equal(DateTimeKind.Utc, read.When.Kind);
    });

    [Fact]
    public Task A_file_that_is_no_table_or_a_damaged_one_is_refused_with_its_line() => Run(async () =>
    {
        var path = Path.Combine(_folder, "table");
        await new Table<int, string> { [1] = "one", [2] = "two" }.Save(path);
        var lines = await File.ReadAllLinesAsync(path);

        async Task Refused(string sentence, params string[] written)
        {
            await File.WriteAllLinesAsync(path, written);
            Assert.Contains(sentence, (await Assert.ThrowsAsync<InvalidDataException>(() => Table<int, string>.Load(path))).Message);
        }

        await Refused("line 1: this file was not written by Save", "[]");
        await Refused("line 1: this file was not written by Save", "{}");
        await Refused("line 1: this file was not written by Save");
        await Refused("line 3: the file is truncated", lines[0], lines[1]);
        await Refused("line 3: the last line gives another number of entries than the 1 before it", lines[0], lines[1], lines[3]);
        await Refused("line 2: [\"a\" is not an entry of System.Int32 and System.String", lines[0], "[\"a\"", lines[3]);
        await Refused("line 2: ", lines[0], "{\"Key\":1}", lines[3]);
        await Refused("line 2: ", lines[0], "{\"Key\":1,\"Value\":\"one\",\"More\":1}", lines[3]);
        await Refused("line 2: ", lines[0], "{\"Key\":1,\"Value\":null}", lines[3]);
        Assert.DoesNotContain(Midflight.Tables.All(), table => table.Count == 0);
    });

    [Fact]
    public Task A_table_is_found_under_its_new_name_and_no_more_under_the_old() => Run(() =>
    {
        var table = new Table<int, int>(name: "old");
        _ = new Table<int, int>(name: "taken");
        table.Rename("new");
        Assert.Equal(("new", null), (Table<int, int>.Find("new")!.Name, Table<int, int>.Find("old")));
        Assert.Contains("'taken' is taken by a table of", Assert.Throws<InvalidOperationException>(() => table.Rename("taken")).Message);
        Assert.Equal("new", table.Name);
        table.Rename("new");
        var nameless = new Table<int, int>();
        nameless.Rename("old");
        Assert.NotNull(Table<int, int>.Find("old"));
        nameless.Delete();
        Assert.Null(Table<int, int>.Find("old"));
        Assert.Throws<InvalidOperationException>(() => nameless.Rename("again"));
        return Task.CompletedTask;
    });

    [Fact]
    public Task All_tables_of_the_node_are_listed() => Run(() =>
    {
        var table = new Table<string, int>(TableKind.Bag, TableAccess.Private, "mine") { Heir = Self };
        table.Insert("a", 1);
        table.Insert("a", 2);
        Assert.Equal(
            new TableDescription("mine", Self, Self, TableKind.Bag, TableAccess.Private, 2, typeof(string), typeof(int)),
            Assert.Single(Midflight.Tables.All()));
        table.Delete();
        Assert.Empty(Midflight.Tables.All());
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_bag_with_duplicates_keeps_equal_values_and_removes_them_together() => Run(() =>
    {
        var table = new Table<string, int>(TableKind.DuplicateBag);
        table.Insert("a", 1);
        table.Insert([new("a", 1), new("a", 2), new("b", 1)]);
        Assert.Equal([1, 1, 2], table.Lookup("a"));
        Assert.Equal(4, table.Count);
        Assert.Equal(2, table.RemoveWhere((key, value) => key == "a" && value == 1));
        Assert.Equal([2], table.Lookup("a"));
        Assert.Equal(2, table.Count);
        Assert.True(table.Remove("b", 1));
        Assert.Equal([2], table.Take("a"));
        Assert.Equal(0, table.Count);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Many_rows_are_put_in_at_once_or_not_at_all() => Run(() =>
    {
        foreach (var kind in Enum.GetValues<TableKind>())
        {
            var table = new Table<int, string>(kind);
            Assert.True(table.TryInsert([new(1, "one"), new(2, "two"), new(2, "again")]));
            Assert.False(table.TryInsert([new(3, "three"), new(2, "two")]));
            Assert.False(table.Contains(3));
            table.Insert([new(3, "three"), new(1, "first")]);
            Assert.Equal(kind is TableKind.Bag or TableKind.DuplicateBag ? ["two", "again"] : ["again"], table.Lookup(2));
            Assert.Equal(kind is TableKind.Bag or TableKind.DuplicateBag ? ["one", "first"] : ["first"], table.Lookup(1));
            Assert.Equal(table.Sum(_ => 1), table.Count);
        }

        return Task.CompletedTask;
    });

    [Fact]
    public Task Pages_go_on_where_the_last_one_ended() => Run(() =>
    {
        var table = new Table<int, int>(TableKind.OrderedSet);
        table.Insert(Enumerable.Range(0, 25).Select(number => KeyValuePair.Create(number, number)));
        Assert.Equal([10, 10, 5], table.Chunk(10).Select(page => page.Length));
        Assert.Equal([20, 21], table.After(19).Take(2).Select(entry => entry.Key));
        return Task.CompletedTask;
    });

    // TableContents.Hashed.WithAll: without what is put ahead a reader finds one of the keys new and then the other one old.
    [Fact]
    [Trait("Category", "Stress")]
    public Task Who_looks_up_two_keys_finds_both_as_they_were_or_both_as_they_are() => Run(async () =>
    {
        var table = new Table<int, long>(access: TableAccess.Public);
        table.Insert([new(1, 0), new(2, 0)]);
        var done = false;
        var readers = Enumerable.Range(0, 2).Select(_ => Job.Async(() =>
        {
            while (!Volatile.Read(ref done))
            {
                var second = table[2];
                Assert.True(table[1] >= second);
                var first = table[1];
                Assert.True(table[2] >= first);
            }

            return Task.FromResult(true);
        })).ToArray();

        for (var i = 1L; i <= 50_000; i++)
        {
            table.Insert([new(1, i), new(2, i)]);
        }

        Volatile.Write(ref done, true);
        Assert.All(await Job.AwaitMany(readers, Timeout.InfiniteTimeSpan), Assert.True);
    });
}
