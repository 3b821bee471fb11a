namespace Midflight.Tests.Processes;

public sealed class ThiefTests : ProcessTest
{
    private readonly Thief _thief = new();

    [Fact]
    public void Who_takes_several_in_a_row_that_wait_at_once_takes_no_more_until_the_watch_lets_it()
    {
        for (var i = 0; i < Thief.Patience; i++)
        {
            Assert.True(_thief.Steals);
            Take(handled: 1);
        }

        Assert.False(_thief.Steals);
        Assert.True(_thief.Resume());
        Assert.True(_thief.Steals);
        Assert.False(_thief.Resume());
    }

    [Fact]
    public void One_that_has_done_something_first_makes_up_for_those_before()
    {
        for (var i = 0; i < Thief.Patience; i++)
        {
            Take(handled: i == 1 ? Thief.InVain + 1 : 1);
        }

        Assert.True(_thief.Steals);
    }

    [Fact]
    public void A_process_that_was_not_taken_waits_as_often_as_it_likes()
    {
        var own = New();
        own.Budget = Cell.SliceBudget - 1;

        for (var i = 0; i <= Thief.Patience; i++)
        {
            _thief.Waits(own);
        }

        Assert.True(_thief.Steals);
    }

    [Fact]
    public void One_that_waits_twice_counts_once()
    {
        var cell = New();
        cell.Budget = Cell.SliceBudget - 1;

        for (var i = 0; i < Thief.Patience; i++)
        {
            _thief.Took(cell);
            _thief.Waits(cell);
            _thief.Waits(cell);
            Assert.Equal(i + 1 < Thief.Patience, _thief.Steals);
        }
    }

    private Cell New() => new(Node, InboxState.Parked) { Body = new FunctionBody(Next.End) };

    private void Take(int handled)
    {
        var cell = New();
        cell.Budget = Cell.SliceBudget - handled;
        _thief.Took(cell);
        _thief.Waits(cell);
    }
}
