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
        _queue.TryPut(one);
        _queue.TryPut(three);

        Assert.Equal([two, one, three], TakeAll());
    }

    [Fact]
    public void Those_just_spawned_run_newest_first_and_take_turns_with_those_that_are_ready()
    {
        var spawned = new[] { New(), New(), New() };
        var ready = new[] { New(), New(), New() };
        Assert.All(spawned, cell => Assert.True(_queue.TryPutSpawned(cell)));
        Assert.All(ready, cell => Assert.True(_queue.TryPut(cell)));

        Assert.Equal([spawned[2], ready[0], spawned[1], ready[1], spawned[0], ready[2]], TakeAll());
    }

    [Fact]
    public void A_few_of_those_just_spawned_run_ahead_of_the_one_made_ready_last()
    {
        var woken = New();
        var spawned = Enumerable.Range(0, 20).Select(_ => New()).ToArray();
        Assert.All(spawned, cell => Assert.True(_queue.TryPutSpawned(cell)));
        _queue.PutNext(woken);

        Assert.Equal([.. spawned.Reverse().Take(8), woken, .. spawned.Reverse().Skip(8)], TakeAll());
    }

    [Fact]
    public void Thieves_take_what_has_waited_longest()
    {
        var spawned = new[] { New(), New() };
        var ready = New();
        Assert.All(spawned, cell => Assert.True(_queue.TryPutSpawned(cell)));
        _queue.TryPut(ready);

        Assert.Same(ready, _queue.TakeOldest());
        Assert.Same(spawned[0], _queue.TakeOldest());
        Assert.Same(spawned[1], _queue.TakeOldestSpawned());
        Assert.Null(_queue.TakeOldest());
    }

    [Fact]
    public void A_full_queue_says_so()
    {
        for (var i = 0; i < 256; i++)
        {
            Assert.True(_queue.TryPut(New()));
        }

        Assert.False(_queue.TryPut(New()));
        Assert.NotNull(_queue.TakeOldest());
        Assert.True(_queue.TryPut(New()));
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
