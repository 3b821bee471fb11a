namespace Midflight;

/// <summary>What a node watches its processes for: OTP's <c>system_monitor</c>.</summary>
public sealed class NodeMonitor
{
    private long _longSchedule = 3000;

    /// <summary>
    /// How long a process may keep its thread without a break before a warning says so, with its module, code version and stack.
    /// Default: 3 s. <see cref="Timeout.InfiniteTimeSpan"/> switches it off.
    /// </summary>
    /// <remarks>
    /// Once for each such time, about a millisecond late. On the machine's clock, whatever clock the node has: it is a thread that is
    /// watched. OTP's <c>long_schedule</c>, which is off unless it is asked for.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public TimeSpan LongSchedule
    {
        get => _longSchedule == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(_longSchedule);
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            }

            _longSchedule = value == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)Math.Ceiling(value.TotalMilliseconds);
        }
    }

    internal long LongScheduleMilliseconds => _longSchedule;
}
