using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Tables;

/// <summary>Many readers and writers of one table. Each names the line without which it fails; that was tried.</summary>
[Trait("Category", "Stress")]
public sealed class TableStressTests : ProcessTest
{
    // HotStore.Write: without its lock counts are lost.
    [Theory]
    [InlineData(TableKind.Set)]
    [InlineData(TableKind.OrderedSet)]
    public Task No_count_is_lost_and_no_reader_sees_one_go_back(TableKind kind) => Run(async () =>
    {
        const int Writers = 4;
        const int Each = 20_000;
        var table = new Table<int, long>(kind, TableAccess.Public);
        var writers = Enumerable.Range(0, Writers).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    table.Add(i % 8, 1);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var seen = new long[8];

        while (!Task.WhenAll(writers).IsCompleted)
        {
            foreach (var (key, count) in table)
            {
                Assert.True(count >= seen[key]);
                seen[key] = count;
            }
        }

        await Task.WhenAll(writers);
        Assert.Equal(Writers * Each, table.Sum(entry => entry.Value));
    });

    // TableStore.Transfer: without what Do does for one that has missed it the table is neither anybody's nor gone.
    [Fact]
    public Task A_table_given_to_processes_that_are_just_ending_is_never_nobodys() => Run(async () =>
    {
        const int Rounds = 500;
        var self = Self;
        var table = new Table<string, int> { ["a"] = 1 };

        for (var i = 0; i < Rounds; i++)
        {
            table.Heir = self;
            var ends = 0;
            var receiver = Spawn(() =>
            {
                Volatile.Write(ref ends, 1);
                return Task.CompletedTask;
            });

            // So that it is given at every moment of an end.
            for (var spin = default(SpinWait); Volatile.Read(ref ends) == 0;)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            Thread.SpinWait(i % 16);

            try
            {
                table.GiveAway(receiver);
            }
            catch (InvalidOperationException)
            {
                // It had ended already.
                continue;
            }

            await Receive<TableTransfer>();
            Assert.Equal(self, table.Owner);
        }

        Assert.Equal(1, table["a"]);
    });
}
