using System.Runtime.CompilerServices;

namespace Midflight.Tests.Processes;

public sealed class RunQueueTests : ProcessTest
{
    private readonly RunQueue _queue = new();

    [Fact]
    public void The_one_made_ready_last_runs_next_and_what_it_displaces_in_its_turn()
    {
        var (one, two, three) = (New(), New(), New());
        Assert.Null(_queue.PutNext(one));
        Assert.Same(one, _queue.PutNext(two));
        _queue.Put(one);
        _queue.Put(three);

        Assert.Equal([two, one, three], TakeAll());
    }

    [Fact]
    public void Those_just_spawned_run_newest_first_and_take_turns_with_those_that_are_ready()
    {
        var spawned = new[] { New(), New(), New() };
        var ready = new[] { New(), New(), New() };
        Array.ForEach(spawned, _queue.PutSpawned);
        Array.ForEach(ready, _queue.Put);

        Assert.Equal([spawned[2], ready[0], spawned[1], ready[1], spawned[0], ready[2]], TakeAll());
    }

    [Fact]
    public void A_few_of_those_just_spawned_run_ahead_of_the_one_made_ready_last()
    {
        var woken = New();
        var spawned = Enumerable.Range(0, 20).Select(_ => New()).ToArray();
        Array.ForEach(spawned, _queue.PutSpawned);
        _queue.PutNext(woken);

        Assert.Equal([.. spawned.Reverse().Take(8), woken, .. spawned.Reverse().Skip(8)], TakeAll());
    }

    [Fact]
    public void Thieves_take_what_has_waited_longest()
    {
        var spawned = new[] { New(), New() };
        var ready = New();
        Array.ForEach(spawned, _queue.PutSpawned);
        _queue.Put(ready);

        Assert.Same(ready, _queue.TakeOldest());
        Assert.Same(spawned[0], _queue.TakeOldest());
        Assert.Same(spawned[1], _queue.TakeOldestSpawned());
        Assert.Null(_queue.TakeOldest());
    }

    [Fact]
    public void However_many_wait_they_keep_their_order()
    {
        var spawned = Enumerable.Range(0, 1_000).Select(_ => New()).ToArray();
        var ready = Enumerable.Range(0, 1_000).Select(_ => New()).ToArray();
        Array.ForEach(spawned, _queue.PutSpawned);
        Array.ForEach(ready, _queue.Put);
        var inTurn = spawned.Reverse().Zip(ready, (one, other) => new[] { one, other }).SelectMany(pair => pair).ToArray();

        Assert.Equal(inTurn, TakeAll());
        Assert.Equal(0, _queue.Count);
        Array.ForEach(ready, _queue.Put);
        Assert.Equal(ready, TakeAll());
    }

    [Fact]
    public void Processes_that_ran_are_not_kept_by_their_places_in_a_queue_that_was_long()
    {
        var ran = Enumerable.Range(0, 1_000).Select(_ => Queued()).ToArray();
        RunAll();
        _queue.Put(New());
        GC.Collect();

        Assert.All(ran, cell => Assert.False(cell.IsAlive));

        [MethodImpl(MethodImplOptions.NoInlining)]
        void RunAll() => Assert.Equal(1_000, TakeAll().Count());

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Queued()
        {
            var cell = New();
            Node.Processes.Remove(cell);
            _queue.Put(cell);
            return new(cell);
        }
    }

    private Cell New() => new(Node, InboxState.Parked) { Body = new FunctionBody(Next.End) };

    private IEnumerable<Cell> TakeAll()
    {
        while (_queue.Take() is { } cell)
        {
            yield return cell;
        }
    }
}
