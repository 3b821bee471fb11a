namespace Midflight.Host.Tests;

/// <summary>A rehearsal takes no time from a process whose state never changes, and reads no state that is being changed.</summary>
public sealed class RehearsalTests
{
    // The conversion says that it is under way, and waits until it may end.
    private static (string, string) Store(int version, string gate) => ("demo", $$"""
        public sealed record Item({{(version == 1 ? "int" : "string")}} Number)
        {
            {{(version == 1 ? "" : $$"""
            [Convert]
            private static int Back(string now) => int.Parse(now);

            [Convert]
            private static string Slowly(int old)
            {
                var (reached, go) = ((SemaphoreSlim, SemaphoreSlim))AppDomain.CurrentDomain.GetData("{{gate}}")!;
                reached.Release();
                go.Wait();
                return $"{old}";
            }
            """)}}
        }

        public sealed class Store : GenServer<ImmutableList<Item>>
        {
            public static async Task<Pid> Begin() => await Start<Store>();

            protected override Started<ImmutableList<Item>> Init(object? argument) => ImmutableList.Create({{(version == 1 ? "new Item(1)" : "new Item(\"1\")")}});

            protected override Answer<ImmutableList<Item>> HandleCall(object request, ImmutableList<Item> state) => Reply(state.Count, state.Add(state[0]));
        }
        """);

    [Fact]
    public async Task A_process_whose_state_never_changes_answers_while_its_state_is_rehearsed()
    {
        var gate = $"gate {Guid.NewGuid()}";
        using var reached = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        AppDomain.CurrentDomain.SetData(gate, (reached, go));
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Store(1, gate));
        folder.Package("2", Store(2, gate));

        await folder.Node.Run(async () =>
        {
            var store = await (Task<Pid>)Hot.Call(folder.Node, "Store", "Begin")!;
            await folder.Handler.Unpack("2");
            var check = folder.Handler.Check("2");

            try
            {
                await await Task.WhenAny(reached.WaitAsync(), check);
                Assert.Equal(1, await GenServer.Call<int>(store, "count"));
            }
            finally
            {
                go.Release(1000);
                await check;
            }

            Assert.Equal(2, await GenServer.Call<int>(store, "count"));
            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal(3, await GenServer.Call<int>(store, "count"));
        });
        AppDomain.CurrentDomain.SetData(gate, null);
    }

    [Fact]
    public async Task States_that_change_all_the_time_are_rehearsed_again_and_again_and_nothing_is_refused()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Ledger(1));
        folder.Package("2", Ledger(2));

        await folder.Node.Run(async () =>
        {
            var ledger = await (Task<Pid>)Hot.Call(folder.Node, "Ledger", "Begin")!;
            var done = false;
            var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => folder.Node.Run(async () =>
            {
                while (!Volatile.Read(ref done))
                {
                    await GenServer.Call<int>(ledger, "add");
                }
            }))).ToList();

            try
            {
                for (var i = 0; i < 20; i++)
                {
                    await folder.Handler.Check("2");
                }
            }
            finally
            {
                Volatile.Write(ref done, true);
                await Task.WhenAll(writers);
            }
        });
    }

    [Fact]
    public async Task A_process_that_waits_long_for_the_conversion_of_its_state_is_named()
    {
        var gate = $"gate {Guid.NewGuid()}";
        using var reached = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        AppDomain.CurrentDomain.SetData(gate, (reached, go));
        await using var folder = new ReleaseFolder();
        await folder.Start("1", InList(Store(1, gate)));
        folder.Package("2", InList(Store(2, gate)));

        await folder.Node.Run(async () =>
        {
            var store = await (Task<Pid>)Hot.Call(folder.Node, "Store", "Begin")!;
            await folder.Handler.Unpack("2");
            var check = folder.Handler.Check("2");
            await await Task.WhenAny(reached.WaitAsync(), check);
            // Longer than any wait that is not named.
            folder.Node.Time.Advance(TimeSpan.FromSeconds(1));
            go.Release(1000);
            Assert.Contains((await check).Notes, note => note.StartsWith($"Converting the state of process {store} (Store) took ", StringComparison.Ordinal));
        });
        AppDomain.CurrentDomain.SetData(gate, null);

        // The same in a list, which can change.
        static (string, string) InList((string Name, string Source) store) => (store.Name, store.Source
            .Replace("ImmutableList.Create(", "Some(", StringComparison.Ordinal)
            .Replace("ImmutableList<Item>", "List<Item>", StringComparison.Ordinal)
            .Replace("state.Add(state[0])", "state", StringComparison.Ordinal)
            .Replace("public static async", "private static List<Item> Some(Item item) => [item]; public static async", StringComparison.Ordinal));
    }

    // Whoever enumerates what is being changed is told so by an exception.
    private static (string, string) Ledger(int version) => ("demo", $$"""
        public sealed record Entry(int Number{{(version == 1 ? "" : ", string Note = \"\"")}});

        public sealed record Book(Dictionary<int, Entry> Entries, ImmutableList<Entry> Last);

        public sealed class Ledger : GenServer<Book>
        {
            public static async Task<Pid> Begin() => await Start<Ledger>();

            protected override Started<Book> Init(object? argument) => new Book(new(), ImmutableList<Entry>.Empty);

            protected override Answer<Book> HandleCall(object request, Book state)
            {
                for (var i = 0; i < 100; i++)
                {
                    state.Entries[state.Entries.Count % 5000] = new Entry(i);
                }

                return Reply(state.Entries.Count, state with { Last = state.Last.Count > 50 ? [] : state.Last.Add(new Entry(1)) });
            }
        }
        """);
}
