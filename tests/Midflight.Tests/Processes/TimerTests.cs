using static Midflight.Process;

namespace Midflight.Tests.Processes;

public sealed class TimerTests : ProcessTest
{
    [Fact]
    public Task A_message_comes_when_it_is_due_and_not_before() => Run(async () =>
    {
        SendAfter(Self, "later", Ms(20));
        SendAfter(Self, "sooner", Ms(10));
        Time.Advance(Ms(9));
        Assert.Null(await Receive(TimeSpan.Zero));
        Time.Advance(Ms(1));
        Assert.Equal("sooner", await Receive(TimeSpan.Zero));
        Time.Advance(Ms(10));
        Assert.Equal("later", await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_time_is_rounded_up_wherever_within_a_millisecond_it_begins() => Run(async () =>
    {
        Time.Advance(TimeSpan.FromMicroseconds(900));
        SendAfter(Self, "due", Ms(1));
        Time.Advance(TimeSpan.FromMicroseconds(900));
        Assert.Null(await Receive(TimeSpan.Zero));
        Time.Advance(Ms(2));
        Assert.Equal("due", await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_cancelled_timer_sends_nothing() => Run(async () =>
    {
        var timer = SendAfter(Self, "never", Ms(10));
        Assert.True(timer.Cancel());
        Assert.False(timer.Cancel());
        Time.Advance(Ms(10));
        Assert.Null(await Receive(TimeSpan.Zero));

        var sent = SendAfter(Self, "sent", Ms(10));
        Time.Advance(Ms(10));
        Assert.False(sent.Cancel());
        Assert.Equal("sent", await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_repeated_timer_keeps_its_rhythm_until_it_is_cancelled() => Run(async () =>
    {
        var timer = SendEvery(Self, "tick", Ms(10));

        for (var i = 0; i < 3; i++)
        {
            Time.Advance(Ms(9));
            Assert.Null(await Receive(TimeSpan.Zero));
            Time.Advance(Ms(1));
            Assert.Equal("tick", await Receive(TimeSpan.Zero));
        }

        Assert.True(timer.Cancel());
        Time.Advance(Ms(100));
        Assert.Null(await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task A_repeated_timer_ends_with_its_process() => Run(async () =>
    {
        var process = Spawn(async () => await Receive<string>());
        SendEvery(process, 1, Ms(10));
        Exit(process, ExitReason.Kill);
        await EndOf(process);
        Time.Advance(Ms(20));
        Assert.False(Time.HasAlarms);
    });

    [Fact]
    public Task A_timer_may_be_months_away() => Run(async () =>
    {
        SendAfter(Self, "at last", TimeSpan.FromDays(100));
        Time.Advance(TimeSpan.FromDays(99));
        Assert.Null(await Receive(TimeSpan.Zero));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("at last", await Receive(TimeSpan.Zero));
    });

    [Fact]
    public Task Cancelled_timers_do_not_pile_up_nor_keep_their_messages() => Run(async () =>
    {
        var kept = Cancelled();

        for (var i = 0; i < 10_000; i++)
        {
            SendAfter(Self, i, TimeSpan.FromDays(1)).Cancel();
        }

        Assert.InRange(Node.Timers.Count, 0, 200);
        await Until(() =>
        {
            GC.Collect();
            return !kept.TryGetTarget(out _);
        });
    });

    private static WeakReference<object> Cancelled()
    {
        var message = new object();
        SendAfter(Self, message, TimeSpan.FromDays(1)).Cancel();
        return new(message);
    }

    [Fact]
    public Task A_timer_of_no_process_is_refused() => Run(() =>
    {
        var refused = Assert.Throws<ArgumentException>(() => SendAfter(default, 1, Ms(1)));
        Assert.Contains("A timer needs a process, and this pid belongs to none.", refused.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => SendAfter(Self, 1, Ms(-5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SendEvery(Self, 1, TimeSpan.Zero));
        return Task.CompletedTask;
    });

    [Fact]
    public Task A_timer_tells_the_time_that_is_left() => Run(async () =>
    {
        var timer = SendAfter(Self, "late", Ms(50));
        var every = SendEvery(Self, "again", Ms(20));
        Assert.Equal((Ms(50), Ms(20)), (timer.TimeLeft, every.TimeLeft));
        Time.Advance(Ms(30));
        Assert.Equal((Ms(20), Ms(10)), (timer.TimeLeft, every.TimeLeft));
        every.Cancel();
        Time.Advance(Ms(30));
        Assert.Equal("again", await Receive());
        Assert.Equal("late", await Receive());
        Assert.Equal((null, null), (timer.TimeLeft, every.TimeLeft));
    });

    [Fact]
    public Task A_message_is_sent_at_a_moment_and_at_once_where_that_has_passed() => Run(async () =>
    {
        var timer = SendAt(Self, "then", Time.GetUtcNow() + Ms(50));
        SendAt(Self, "now", Time.GetUtcNow() - Ms(50));
        Time.Advance(Ms(1));
        Assert.Equal("now", await Receive());
        Assert.Equal(Ms(49), timer.TimeLeft);
        Time.Advance(Ms(49));
        Assert.Equal("then", await Receive());
    });

    [Fact]
    public Task An_exit_signal_is_sent_later_unless_it_is_cancelled() => Run(async () =>
    {
        var spared = Spawn(async () => await Receive());
        var ended = Spawn(async () => await Receive());
        var killed = Spawn(async () =>
        {
            TrapExits = true;
            await Receive();
        });
        await Until(() => killed.Cell!.TrapsExits);
        var timer = ExitAfter(spared, ExitReason.Shutdown, Ms(10));
        Assert.Equal(ExitReason.Other("late"), await EndOf(ended, () =>
        {
            ExitAfter(ended, ExitReason.Other("late"), Ms(10));
            ExitAfter(killed, ExitReason.Kill, Ms(20));
            Assert.True(timer.Cancel());
            Time.Advance(Ms(10));
        }));
        Assert.Equal(ExitReason.Killed, await EndOf(killed, () => Time.Advance(Ms(10))));
        Assert.True(spared.IsAlive);
        Send(spared, "end");
    });
}
