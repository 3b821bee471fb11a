using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Tables;

/// <summary>Tables in memory, as ets has them.</summary>
public sealed class TableTests : ProcessTest
{
    [Fact]
    public Task A_set_has_one_value_for_each_key() => Run(() =>
    {
        var table = new Table<string, int>();
        table.Insert("a", 1);
        table.Insert("a", 2);
        table["b"] = 3;
        Assert.Equal((2, 2, 3), (table.Count, table["a"], table["b"]));
        Assert.True(table.TryGet("a", out var found));
        Assert.Equal(2, found);
        Assert.False(table.TryGet("c", out _));
        Assert.Equal([2], table.Lookup("a"));
        Assert.Empty(table.Lookup("c"));
        Assert.False(table.TryInsert("a", 9));
        Assert.True(table.TryInsert("c", 9));
        Assert.True(table.Take("c", out var taken));
        Assert.Equal(9, taken);
        Assert.False(table.Contains("c"));
        Assert.True(table.Remove("a"));
        Assert.False(table.Remove("a"));
        Assert.False(table.Remove("b", 4));
        Assert.True(table.Remove("b", 3));
        Assert.Empty(table);
        Assert.StartsWith("x is not in a table of <", Assert.Throws<KeyNotFoundException>(() => table["x"]).Message);
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_bag_has_any_number_of_values_for_each_key_each_once_and_in_order() => Run(() =>
    {
        var table = new Table<string, string>(TableKind.Bag);
        table.Insert("a", "2");
        table.Insert("a", "1");
        table.Insert("a", "2");
        table.Insert("b", "3");
        Assert.Equal(["2", "1"], table.Lookup("a"));
        Assert.Equal(("2", 3, 3), (table["a"], table.Count, table.Sum(_ => 1)));
        Assert.True(table.Remove("a", "2"));
        Assert.False(table.Remove("a", "2"));
        Assert.Equal(["1"], table.Lookup("a"));
        Assert.True(table.Remove("a", "1"));
        Assert.False(table.Contains("a"));
        Assert.False(table.TryInsert("b", "4"));
        table["b"] = "5";
        Assert.Equal(["5"], table.Lookup("b"));
        Assert.Throws<InvalidOperationException>(() => table.Update("b", "", text => text));
        return Task.CompletedTask;
    });

    [Fact]
    public Task An_ordered_set_goes_by_its_keys_forwards_and_backwards() => Run(() =>
    {
        var table = new Table<int, string>(TableKind.OrderedSet);

        for (var i = 0; i < 5; i++)
        {
            var key = 1 + (2 * ((3 * i) % 5));
            table.Insert(key, $"{key}");
        }

        Assert.Equal([1, 3, 5, 7, 9], table.Select(entry => entry.Key));
        Assert.Equal([3, 5, 7], table.Between(2, 7).Select(entry => entry.Key));
        Assert.Equal([7, 9], table.After(5).Select(entry => entry.Key));
        Assert.Equal([5, 7, 9], table.After(4).Select(entry => entry.Key));
        Assert.Equal([3, 1], table.Before(5).Select(entry => entry.Key));
        Assert.Empty(table.After(9));
        Assert.Empty(table.Before(1));
        Assert.Empty(table.Between(4, 4));
        table.Insert(5, "five");
        Assert.Equal((5, "five"), (table.Count, table[5]));

        var moment = table.GetEnumerator();
        moment.MoveNext();
        table.Clear();
        Assert.True(moment.MoveNext());
        Assert.Empty(table);

        var words = new Table<string, int>(TableKind.OrderedSet) { ["b"] = 1, ["B"] = 2, ["a"] = 3 };
        Assert.Equal(["B", "a", "b"], words.Select(entry => entry.Key));
        Assert.Contains("has no order", Assert.Throws<InvalidOperationException>(() => new Table<int, int>().After(1)).Message);
        return Task.CompletedTask;
    });

    [Fact]
    public Task What_fits_is_matched_selected_and_removed_with_lambdas() => Run(() =>
    {
        var table = new Table<string, int>();

        for (var i = 0; i < 10; i++)
        {
            table.Insert($"k{i}", i);
        }

        Assert.Equal(["k8", "k9"], table.Where(entry => entry.Value > 7).Select(entry => entry.Key).Order());
        Assert.Equal(5, table.RemoveWhere((_, value) => value % 2 == 0));
        Assert.Equal([1, 3, 5, 7, 9], table.Select(entry => entry.Value).Order());
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_counter_begins_at_zero_and_any_value_changes_in_one_step() => Run(() =>
    {
        var table = new Table<string, long>();
        Assert.Equal(1, table.Add("hits", 1));
        Assert.Equal(4, table.Add("hits", 3));
        Assert.Equal(16, table.Update("hits", 0, hits => hits * hits));
        Assert.Throws<FormatException>(() => table.Update("hits", 0, _ => throw new FormatException()));
        Assert.Equal(16, table["hits"]);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Who_does_not_own_a_table_does_what_its_access_allows() => Run(async () =>
    {
        var (open, closed, secret) = (new Table<string, int>(access: TableAccess.Public), new Table<string, int>(), new Table<string, int>(access: TableAccess.Private));
        var self = Self;
        Spawn(() =>
        {
            open["a"] = 1;
            Send(self, (open["a"], closed.Count));
            Send(self, Assert.Throws<InvalidOperationException>(() => closed["a"] = 1).Message);
            Send(self, Assert.Throws<InvalidOperationException>(() => secret.Count).Message);
            return Task.CompletedTask;
        });
        Assert.Equal((1, 0), await Receive());
        Assert.Equal($"A table of {Self} is protected, so only its owner may do that. Ask the owner, or create the table as Public.", await Receive());
        Assert.Equal($"A table of {Self} is private, so only its owner may do that. Ask the owner, or create the table as Public.", await Receive());
    });

    [Fact]
    public Task A_table_ends_with_its_owner_and_its_name_is_free_again() => Run(async () =>
    {
        var self = Self;
        var owner = Spawn(async () =>
        {
            Send(self, new Table<string, int>(name: "sessions"));
            await Receive();
        });
        var table = (Table<string, int>)await Receive();
        Assert.Equal(owner, Table<string, int>.Find("sessions")!.Owner);
        Assert.Contains($"'sessions' is taken by a table of {owner}", Assert.Throws<InvalidOperationException>(() => new Table<string, int>(name: "sessions")).Message);
        Send(owner, "end");
        await EndOf(owner);
        Assert.Null(Table<string, int>.Find("sessions"));
        Assert.Contains("is gone: it was deleted or ended with its owner", Assert.Throws<InvalidOperationException>(() => table.Count).Message);

        var next = new Table<string, int>(name: "sessions");
        next.Delete();
        Assert.Null(Table<string, int>.Find("sessions"));
    });

    [Fact]
    public Task An_heir_gets_the_table_when_its_owner_ends() => Run(async () =>
    {
        var self = Self;
        var owner = Spawn(() =>
        {
            var table = new Table<string, int>(name: "kept") { ["a"] = 1 };
            table.Heir = self;
            return Task.CompletedTask;
        });
        var transfer = await Receive<TableTransfer>();
        var table = transfer.Table<string, int>();
        Assert.Equal((owner, "kept", 1, Self, default), (transfer.From, transfer.Name, table["a"], table.Owner, table.Heir));
        table["a"] = 2;
        Assert.Equal(2, Table<string, int>.Find("kept")!["a"]);
    });

    [Fact]
    public Task A_table_is_given_away_and_goes_to_the_heir_if_the_receiver_has_just_ended() => Run(async () =>
    {
        var table = new Table<string, int> { ["a"] = 1 };
        table.Heir = Self;
        var receiver = Spawn(async () =>
        {
            var transfer = await Receive<TableTransfer>();
            transfer.Table<string, int>()["a"]++;
        });
        table.GiveAway(receiver);
        var back = await Receive<TableTransfer>();
        Assert.Equal((receiver, 2, Self), (back.From, table["a"], table.Owner));
        Assert.Contains("that process is not alive", Assert.Throws<InvalidOperationException>(() => table.GiveAway(receiver)).Message);
        Assert.Equal(2, table["a"]);
    });

    [Fact]
    public Task Other_types_than_those_of_the_table_are_told_so() => Run(() =>
    {
        _ = new Table<string, int>(name: "typed") { ["a"] = 1 };
        Assert.Equal(
            $"Table 'typed' of {Self} is a table of System.String to System.Int32, but was opened as one of System.String to System.String. Use the types that it was created with.",
            Assert.Throws<InvalidCastException>(() => Table<string, string>.Find("typed")!["a"]).Message);
        Assert.Throws<InvalidCastException>(() => Table<int, int>.Find("typed"));
        Assert.Equal(1, Table<string, int>.Find("typed")!["a"]);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Take_of_a_bag_gives_all_values_of_the_key() => Run(() =>
    {
        var table = new Table<string, int>(TableKind.Bag);
        table.Insert("a", 1);
        table.Insert("a", 2);
        table.Insert("b", 3);
        Assert.Contains("Take(key)", Assert.Throws<InvalidOperationException>(() => table.Take("a", out _)).Message);
        Assert.Equal([1, 2], table.Take("a"));
        Assert.Empty(table.Take("a"));
        Assert.Equal((1, 1), (table.Count, table.Sum(_ => 1)));
        Assert.Equal([7], new Table<string, int> { ["x"] = 7 }.Take("x"));
        return Task.CompletedTask;
    });

    [Fact]
    public Task The_size_of_a_bag_is_that_of_its_objects() => Run(() =>
    {
        var table = new Table<string, int>(TableKind.Bag);
        table.Insert("a", 1);
        table.Insert("a", 1);
        table.Insert("a", 2);
        table.Insert("b", 1);
        Assert.Equal(3, table.Count);
        table["a"] = 5;
        Assert.Equal(2, table.Count);
        table.Remove("b", 1);
        Assert.Equal(1, table.Count);
        table.Clear();
        Assert.Equal(0, table.Count);
        return Task.CompletedTask;
    });

    [Fact]
    public Task Null_is_no_key_and_no_value() => Run(() =>
    {
        foreach (var kind in Enum.GetValues<TableKind>())
        {
            var table = new Table<string, string>(kind);
            Assert.Throws<ArgumentNullException>(() => table.Insert("a", null!));
            Assert.Throws<ArgumentNullException>(() => table.Insert(null!, "a"));
            Assert.Throws<ArgumentNullException>(() => table["a"] = null!);
            Assert.Throws<ArgumentNullException>(() => table.TryInsert("a", null!));
            Assert.Throws<ArgumentNullException>(() => table.Insert([new("b", "1"), new("a", null!)]));
            Assert.Equal(0, table.Count);
        }

        Assert.Throws<ArgumentNullException>(() => new Table<string, string>().Update("a", "", _ => null!));
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_public_table_is_deleted_by_anyone_and_a_protected_one_by_its_owner() => Run(async () =>
    {
        var open = new Table<string, int>(access: TableAccess.Public, name: "open") { Heir = Self };
        var closed = new Table<string, int>(name: "closed");
        var other = Spawn(() =>
        {
            Assert.Throws<InvalidOperationException>(closed.Delete);
            open.Delete();
            return Task.CompletedTask;
        });
        Assert.Equal(ExitReason.Normal, await EndOf(other) is var reason && reason == ExitReason.NoProcess ? ExitReason.Normal : reason);
        Assert.Null(Table<string, int>.Find("open"));
        Assert.Contains("is gone", Assert.Throws<InvalidOperationException>(() => open.Count).Message);
        Assert.Equal(0, closed.Count);
    });

    [Fact]
    public Task A_table_that_is_gone_is_given_to_nobody_and_deleted_no_more() => Run(async () =>
    {
        var table = new Table<string, int>();
        table.Delete();
        var other = Spawn(async () => await Receive());
        Assert.Contains("is gone", Assert.Throws<InvalidOperationException>(() => table.GiveAway(other)).Message);
        Assert.Contains("is gone", Assert.Throws<InvalidOperationException>(table.Delete).Message);
        Assert.Contains("is gone", Assert.Throws<InvalidOperationException>(() => table.Heir = other).Message);
        Assert.Equal(Self, table.Owner);
        Send(other, "go");
        await EndOf(other);
    });
}
