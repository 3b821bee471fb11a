namespace Midflight;

// Timers.
public static partial class Process
{
    /// <summary>Sends a message later.</summary>
    /// <param name="process">The receiver.</param>
    /// <param name="message">The message.</param>
    /// <param name="delay">Zero or more, rounded up to milliseconds.</param>
    public static TimerRef SendAfter(Pid process, object message, TimeSpan delay) => Later(process, message, delay, TimeSpan.Zero);

    /// <summary>Sends a message periodically, until it is cancelled or the receiver ends.</summary>
    /// <param name="process">The receiver.</param>
    /// <param name="message">The message.</param>
    /// <param name="period">At least a millisecond. The first message comes after one period. The rhythm does not drift.</param>
    public static TimerRef SendEvery(Pid process, object message, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromMilliseconds(1));
        return Later(process, message, period, period);
    }

    /// <summary>Sends a message at a point in time; at once if that has passed.</summary>
    /// <param name="process">The receiver.</param>
    /// <param name="message">The message.</param>
    /// <param name="moment">By the node's clock. Setting the wall clock meanwhile has no effect: the timer waits for the time that remains now.</param>
    public static TimerRef SendAt(Pid process, object message, DateTimeOffset moment)
    {
        var left = moment - Of(process).Node.Time.GetUtcNow();
        return Later(process, message, left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeSpan.Zero);
    }

    /// <summary>Sends an exit signal later: OTP's <c>exit_after</c>, with <see cref="ExitReason.Kill"/> its <c>kill_after</c>.</summary>
    /// <param name="process">The process that should end then.</param>
    /// <param name="reason">As for <see cref="Exit(Pid, ExitReason)"/>.</param>
    /// <param name="delay">Zero or more, rounded up to milliseconds.</param>
    public static TimerRef ExitAfter(Pid process, ExitReason reason, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return Begin(new TimerRef(Of(process), reason, TimeSpan.Zero, exits: true), delay);
    }

    private static Cell Of(Pid process) => process.Cell ?? throw new ArgumentException("A timer needs a process, and this pid belongs to none.", nameof(process));

    private static TimerRef Later(Pid process, object message, TimeSpan delay, TimeSpan every)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Begin(new TimerRef(Of(process), message, every), delay);
    }

    private static TimerRef Begin(TimerRef timer, TimeSpan delay)
    {
        timer.Begin(delay);
        return timer;
    }
}
