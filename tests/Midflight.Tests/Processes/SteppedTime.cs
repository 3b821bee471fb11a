namespace Midflight.Tests.Processes;

/// <summary>A clock that goes on when it is told to.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Alarm> _alarms = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + new TimeSpan(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Goes on, and rings what is due on the way, in order.</summary>
    internal void Advance(TimeSpan by)
    {
        var end = new TimeSpan(GetTimestamp()) + by;

        while (true)
        {
            Alarm? next;

            lock (_lock)
            {
                next = _alarms.Where(alarm => alarm.Due <= end).MinBy(alarm => alarm.Due);

                if (next is null)
                {
                    _now = end;
                    return;
                }

                _now = next.Due > _now ? next.Due : _now;
                _alarms.Remove(next);
            }

            next.Ring();
        }
    }

    /// <summary>Whether something is due at some time.</summary>
    internal bool HasAlarms
    {
        get
        {
            lock (_lock)
            {
                return _alarms.Count > 0;
            }
        }
    }

    private sealed class Alarm(SteppedTime time, Action ring) : ITimer
    {
        internal TimeSpan Due { get; private set; }

        internal void Ring() => ring();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._alarms.Remove(this);

                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time._now + dueTime;
                    time._alarms.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
