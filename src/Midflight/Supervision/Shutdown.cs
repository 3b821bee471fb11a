namespace Midflight;

/// <summary>How long a supervisor waits for a child to end when asked, before it kills the child.</summary>
public readonly record struct Shutdown
{
    // -1 ms means forever, as in Timeout; the default value means no wait at all, which is brutal.
    private readonly TimeSpan _time;

    private Shutdown(TimeSpan time) => _time = time;

    /// <summary>Killed without being asked: OTP's <c>brutal_kill</c>.</summary>
    public static Shutdown Brutal { get; }

    /// <summary>Forever. The default for supervisors, whose own children have their own times.</summary>
    public static Shutdown Infinity { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>5 s. The default for children that are not supervisors.</summary>
    public static Shutdown Default { get; } = new(TimeSpan.FromSeconds(5));

    /// <summary>Waits this long, then kills the child.</summary>
    /// <param name="time">More than zero; for zero, use <see cref="Brutal"/>.</param>
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
