using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>A scenario that is upgraded at every message boundary ends as on a node that never changed its code, or the test is told where it does not.</summary>
public sealed class MessageBoundariesTests
{
    // A till that takes money, and tells the book of it by a cast: what is in the book's mailbox is of the version that sent it.
    private static (string, string) Shop(string entry = "int Amount", string make = "amount", string sum = "entry.Amount", string codeChange = "") => ("demo", $$"""
        public sealed record Entry({{entry}});

        public sealed record Book(ImmutableList<Entry> Entries);

        public sealed class Ledger : GenServer<Book>
        {
            protected override Started<Book> Init(object? argument) => new Book([]);

            protected override Answer<Book> HandleCall(object request, Book state) => Reply(state.Entries.Sum(entry => {{sum}}), state);

            protected override Answer<Book> HandleCast(object message, Book state) => NoReply(state with { Entries = state.Entries.Add((Entry)message) });

            {{codeChange}}
        }

        public sealed class Till : GenServer<Pid>
        {
            public static async Task<Pid> Begin() => await Start<Till>(await Start<Ledger>(), "till");

            protected override Started<Pid> Init(object? argument) => (Pid)argument!;

            protected override async ValueTask<Answer<Pid>> HandleCallAsync(object request, Pid state)
            {
                if (request is int amount)
                {
                    Cast(state, new Entry({{make}}));
                    return Reply(0, state);
                }

                return Reply(await Call<int>(state, "sum"), state);
            }
        }
        """);

    private static readonly Func<Midflight.Testing.Upgrade, Task>[] s_steps =
    [
        node => node.Run(async () => await (Task<Pid>)node.Code.FindModule("Till")!.GetMethod("Begin")!.Invoke(null, null)!),
        node => node.Run(async () => await GenServer.Call<int>("till", 5)),
        node => node.Run(async () => await GenServer.Call<int>("till", 7)),
    ];

    private static async Task Check((string, string) old, (string, string) now, int steps = 3)
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        folder.Package("1", old);
        folder.Package("2", now);
        await MessageBoundaries.Check(Release("1"), Release("2"), s_steps[..steps], async node =>
        {
            var sum = "";
            await node.Run(async () => sum = $"{await GenServer.Call<int>("till", "sum")}");
            return sum;
        });

        HotRelease Release(string version) => HotRelease.At(folder.Layout.Packages("demo", version)[0]);
    }

    [Fact]
    public Task What_converts_ends_the_same_up_down_and_there_and_back() =>
        Check(Shop(), Shop("int Amount, string Note = \"\"", "amount, \"new\"", "entry.Amount"));

    [Fact]
    public async Task A_code_change_that_spoils_the_state_is_told_with_each_boundary_at_which_it_does()
    {
        var failed = await Assert.ThrowsAsync<MessageBoundaryException>(() => Check(
            Shop(), Shop("int Amount, string Note = \"\"", codeChange: "protected override Book CodeChange(OldVsn from, Book state, object? extra) => from.IsDown ? state : state with { Entries = [] };")));
        Assert.Contains("up before step 3 of 3: it ends with 7. On a node that ran the new release from its start it ends with 12.", failed.Message, StringComparison.Ordinal);
        Assert.Contains("up and down again after step 3 of 3: it ends with 0. On a node that ran the old release from its start it ends with 12.", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("up before step 1", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_is_an_upgrade_that_fails()
    {
        var failed = await Assert.ThrowsAsync<MessageBoundaryException>(() => Check(Shop(), Shop("TimeSpan Amount", "TimeSpan.FromSeconds(amount)", "(int)entry.Amount.TotalSeconds"), steps: 1));
        Assert.Contains("up before step 1 of 1: ReleaseRefusedException: ", failed.Message, StringComparison.Ordinal);
    }
}
