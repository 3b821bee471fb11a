namespace Midflight;

// Timers.
public static partial class Process
{
    /// <summary>Sends a message later.</summary>
    /// <param name="process">To whom.</param>
    /// <param name="message">What.</param>
    /// <param name="delay">Zero or more, rounded up to milliseconds.</param>
    public static TimerRef SendAfter(Pid process, object message, TimeSpan delay) => Later(process, message, delay, TimeSpan.Zero);

    /// <summary>Sends a message again and again, until it is cancelled or the receiver ends.</summary>
    /// <param name="process">To whom.</param>
    /// <param name="message">What.</param>
    /// <param name="period">At least a millisecond; the first message comes after one period. It does not drift.</param>
    public static TimerRef SendEvery(Pid process, object message, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(1));
        return Later(process, message, period, period);
    }

    private static TimerRef Later(Pid process, object message, TimeSpan delay, TimeSpan every)
    {
        var cell = process.Cell ?? throw new ArgumentException("A timer needs a process; this is the pid of none.", nameof(process));
        var timer = new TimerRef(cell, message, every);
        var timers = cell.Node.Timers;
        timers.Add(timer, timers.After(delay));
        return timer;
    }
}
