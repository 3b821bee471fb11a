using System.Collections.Concurrent;
using Midflight.Tests.Processes;

namespace Midflight.Tests.Stress;

/// <summary>The parts of a run queue between their owner and thieves. Each test names the line without which it fails; that was tried.</summary>
[Trait("Category", "Stress")]
public sealed class RunQueueStressTests : ProcessTest
{
    // RunRing: without the exchange of the head, for the last entry by its owner or for any by a thief, one is taken twice.
    [Fact]
    public async Task Of_a_ring_each_entry_is_taken_once_by_its_owner_or_a_thief()
    {
        const int Rounds = 300_000;
        var ring = new RunRing();
        var cells = Enumerable.Range(0, 64).Select(_ => new Cell(Node, InboxState.Parked) { Body = new FunctionBody(Next.End) }).ToArray();
        var taken = new int[cells.Length];
        var index = cells.Select((cell, at) => (cell, at)).ToDictionary(pair => pair.cell, pair => pair.at);
        var over = false;
        var thieves = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref over))
                {
                    if (ring.TakeOldest() is { } stolen)
                    {
                        Interlocked.Increment(ref taken[index[stolen]]);
                    }
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();

        // Few at a time, so that owner and thieves often want the last one.
        for (var round = 0; round < Rounds; round++)
        {
            var many = 1 + (round % 3);

            for (var i = 0; i < many; i++)
            {
                ring.Put(cells[((round * 3) + i) % cells.Length]);
            }

            while (ring.TakeNewest() is { } own)
            {
                Interlocked.Increment(ref taken[index[own]]);
            }
        }

        Volatile.Write(ref over, true);
        await Task.WhenAll(thieves);
        Assert.Equal(Enumerable.Range(0, Rounds).Sum(round => 1 + (round % 3)), taken.Sum());
        Assert.Equal(0, ring.Count);
    }

    // RunRing.TakeOldest: if it looks for the entries before the tail, some are taken twice and others never.
    [Fact]
    public async Task A_ring_that_grows_and_shrinks_loses_none()
    {
        const int Rounds = 3_000;
        var ring = new RunRing();
        var cells = Enumerable.Range(0, 700).Select(_ => new Cell(Node, InboxState.Parked) { Body = new FunctionBody(Next.End) }).ToArray();
        var index = cells.Select((cell, at) => (cell, at)).ToDictionary(pair => pair.cell, pair => pair.at);
        var taken = new int[cells.Length];
        var over = false;
        var thief = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref over))
                {
                    if (ring.TakeOldest() is { } stolen)
                    {
                        Interlocked.Increment(ref taken[index[stolen]]);
                    }
                }
            },
            TaskCreationOptions.LongRunning);

        // Past two sizes, and down to nothing, where it becomes small again.
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var cell in cells)
            {
                ring.Put(cell);
            }

            while (ring.TakeNewest() is { } own)
            {
                Interlocked.Increment(ref taken[index[own]]);
            }
        }

        Volatile.Write(ref over, true);
        await thief;
        Assert.All(taken, times => Assert.Equal(Rounds, times));
    }

    // NextPlace.Steal: without the barrier some are taken twice.
    [Fact]
    public async Task Who_is_to_run_next_is_taken_once_by_the_owner_or_a_thief()
    {
        const int Rounds = 1_000_000;
        var place = default(NextPlace);
        var cells = Enumerable.Range(0, 2).Select(_ => new Cell(Node, InboxState.Parked) { Body = new FunctionBody(Next.End) }).ToArray();
        var (stolen, over) = (0, false);
        var thief = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref over))
                {
                    stolen += place.Steal() is null ? 0 : 1;
                }
            },
            TaskCreationOptions.LongRunning);
        var (own, round) = (0, 0);

        // As many as are asked for, and until the thief has come to it.
        for (; round < Rounds || Volatile.Read(ref stolen) == 0; round++)
        {
            own += place.Exchange(cells[round % 2]) is null ? 0 : 1;
            own += place.Exchange(null) is null ? 0 : 1;
        }

        Volatile.Write(ref over, true);
        await thief;
        Assert.Equal(round, own + stolen);
    }

    // ProcessTable.Remove: without the stripe's lock the list loses some or the count goes wrong.
    [Fact]
    public async Task A_table_of_processes_knows_those_alive_whichever_threads_start_and_end_them()
    {
        const int Each = 200_000;
        var node = new Node();
        var (before, started) = (node.Processes.Count, node.Processes.Started);
        var handed = new ConcurrentQueue<(Cell Cell, bool Stays)>();
        var left = new ConcurrentQueue<Cell>();
        var starting = 2;
        await Task.WhenAll(Enumerable.Range(0, 2).SelectMany<int, Task>(_ => [Apart(StartAll), Apart(EndAll)]));
        Assert.Equal(before + (2 * Each / 10), node.Processes.Count);

        Assert.Equal(2 * Each, node.Processes.Started - started);
        Assert.Equal(node.Processes.Count, node.Processes.All().Select(cell => cell.Number).Distinct().Count());
        Assert.Superset(left.ToHashSet(), node.Processes.All().ToHashSet());

        foreach (var cell in left)
        {
            node.Processes.Remove(cell);
        }

        Assert.Equal(before, node.Processes.Count);
        await node.DisposeAsync();

        static Task Apart(Action action) => Task.Factory.StartNew(action, TaskCreationOptions.LongRunning);

        void StartAll()
        {
            for (var i = 0; i < Each; i++)
            {
                handed.Enqueue((new Cell(node, InboxState.Parked) { Body = new FunctionBody(Next.End) }, i % 10 == 0));
            }

            Interlocked.Decrement(ref starting);
        }

        // But for each tenth.
        void EndAll()
        {
            while (true)
            {
                var isLast = Volatile.Read(ref starting) == 0;

                if (handed.TryDequeue(out var one))
                {
                    if (one.Stays)
                    {
                        left.Enqueue(one.Cell);
                    }
                    else
                    {
                        node.Processes.Remove(one.Cell);
                    }
                }
                else if (isLast)
                {
                    return;
                }
            }
        }
    }
}
