using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Old and new code use a table while it is taken back and forth between them. Names the line without which it fails; that was tried.</summary>
[Trait("Category", "Stress")]
public sealed class HotKeyStressTests
{
    private static string Source(int version) => $$"""
        public sealed record Key(string Name) : IComparable
        {
            public int CompareTo(object? other) => string.CompareOrdinal(Name, ((Key)other!).Name);
        }

        public static class Functions
        {
            public static int Version => {{version}};

            public static void Open(TableKind kind) => _ = new Table<Key, long>(kind, TableAccess.Public, "counts") { [new Key("fixed")] = 1, [new Key("count")] = 0 };

            public static Func<bool> Turn()
            {
                var table = Table<Key, long>.Find("counts")!;
                return () =>
                {
                    table.Add(new Key("count"), 1);
                    return table.Contains(new Key("fixed")) && !table.TryInsert(new Key("fixed"), 2);
                };
            }

            public static long Count() => Table<Key, long>.Find("counts")![new Key("count")];
        }
        """;

    // TableStore.Change: with the key converted ahead of the lock, a count goes to another entry.
    // Table.Entry: with the key converted for the current version, a key is missed between flip and conversion.
    [Theory]
    [InlineData(TableKind.Set)]
    [InlineData(TableKind.OrderedSet)]
    public async Task No_key_is_missed_and_no_count_is_lost(TableKind kind)
    {
        const int Rounds = 2_000;
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Source(1)));

        await node.Run(async () =>
        {
            Hot.Call(node, "Functions", "Open", kind);
            var flip = new PreparedFlip(node.Code, (await node.Code.Prepare([Compile.Application("demo", Source(2), "0.2.0")])).OrThrow());
            var (old, @new) = (flip.Source("demo")!, flip.Target("demo")!);
            flip.Flip(flip.Changed);
            var stores = new SwitchedStores(node.Node);
            var isOver = false;
            var users = new[] { old, @new }.Select(version => Use(version.FindType("Functions")!)).ToList();

            for (var round = 0; round < Rounds; round++)
            {
                stores.Bring(flip);
                old.Application.Current = old;
                Assert.Empty(stores.PutBack());
                old.Application.Current = @new;
            }

            Volatile.Write(ref isOver, true);
            var turns = await Task.WhenAll(users);
            Assert.Equal(turns.Sum(), Hot.Call(node, "Functions", "Count"));

            Task<long> Use(Type functions)
            {
                var turn = (Func<bool>)functions.GetMethod("Turn")!.Invoke(null, null)!;
                return Task.Factory.StartNew(
                    () =>
                    {
                        var turns = 0L;

                        for (; !Volatile.Read(ref isOver); turns++)
                        {
                            Assert.True(turn());
                        }

                        return turns;
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }
        });
    }
}
