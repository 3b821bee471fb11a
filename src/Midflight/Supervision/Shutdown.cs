namespace Midflight;

/// <summary>How long a supervisor waits for a child that it has asked to end, before it kills it.</summary>
public readonly record struct Shutdown
{
    // -1 ms is for ever, as in Timeout; default is no wait at all, which is brutal.
    private readonly TimeSpan _time;

    private Shutdown(TimeSpan time) => _time = time;

    /// <summary>Not asked at all, but killed: OTP's <c>brutal_kill</c>.</summary>
    public static Shutdown Brutal { get; }

    /// <summary>For ever. The default of supervisors, whose own children have their times.</summary>
    public static Shutdown Infinity { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>5 s. The default of all who are no supervisors.</summary>
    public static Shutdown Default { get; } = new(TimeSpan.FromSeconds(5));

    /// <summary>As long as this, then it is killed.</summary>
    /// <param name="time">More than zero; for zero there is <see cref="Brutal"/>.</param>
    public static Shutdown After(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return new(time);
    }

    internal bool IsBrutal => _time == TimeSpan.Zero;

    internal bool IsInfinite => _time == Timeout.InfiniteTimeSpan;

    internal TimeSpan Time => _time;

    /// <inheritdoc/>
    public override string ToString() => IsBrutal ? "brutal kill" : IsInfinite ? "infinity" : $"{_time.TotalMilliseconds:0} ms";
}
