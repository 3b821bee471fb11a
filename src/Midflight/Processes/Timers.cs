namespace Midflight;

/// <summary>The timers of one node, by the node's clock.</summary>
internal sealed class Timers : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();

    // Owned by the lock.
    private PriorityQueue<object, long> _entries = new();
    private readonly ITimer _alarm;
    private long _alarmAt = long.MaxValue;
    private bool _disposed;

    // Roughly how many entries nobody waits for any more.
    private int _dropped;

    internal Timers(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();

        // So as not to keep the context of the code that creates the node.
        using (ExecutionContext.SuppressFlow())
        {
            _alarm = time.CreateTimer(static timers => ((Timers)timers!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Milliseconds since the node started.</summary>
    internal long Now => (long)Elapsed;

    private double Elapsed => _time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>The point in time this much later, rounded up; never for an infinite time.</summary>
    internal long After(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            return long.MaxValue;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return time == TimeSpan.Zero ? Now : (long)Math.Ceiling(Elapsed + time.TotalMilliseconds);
    }

    internal void Arm(Cell cell, long due) => Add((object)cell, due);

    internal void Add(TimerRef timer, long due) => Add((object)timer, due);

    internal void Add(CallTimeout timeout, long due) => Add((object)timeout, due);

    private void Add(object entry, long due)
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _entries.Enqueue(entry, due);
            Set(due);

            // Otherwise a program that starts long timers and cancels them soon would fill the memory with cancelled ones.
            if (_dropped > 64 && _dropped > _entries.Count / 2)
            {
                Volatile.Write(ref _dropped, 0);
                Clean();
            }
        }
    }

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Nobody waits for an entry any more. It is removed when it is due, or when there are too many like it.</summary>
    internal void Dropped() => Interlocked.Increment(ref _dropped);

    /// <summary>Converts the pending messages to the versions of their receivers, so that none keeps an older version in memory.</summary>
    internal void Convert()
    {
        TimerRef[] timers;

        lock (_lock)
        {
            timers = [.. _entries.UnorderedItems.Select(item => item.Element).OfType<TimerRef>()];
        }

        foreach (var timer in timers)
        {
            timer.Convert();
        }
    }

    // Under the lock. In a loop: the hundred calls of an upgrade may cause this, and LINQ over pairs takes milliseconds to compile.
    private void Clean()
    {
        var waiting = new PriorityQueue<object, long>();

        foreach (var (entry, due) in _entries.UnorderedItems)
        {
            if (IsWaiting(entry))
            {
                waiting.Enqueue(entry, due);
            }
        }

        _entries = waiting;
    }

    private static bool IsWaiting(object entry) => entry switch
    {
        Cell cell => !cell.IsDead,
        TimerRef timer => timer.IsWaiting,
        CallTimeout timeout => timeout.IsWaiting,
        _ => true,
    };

    // Under the lock.
    private void Set(long due)
    {
        if (due < _alarmAt)
        {
            _alarmAt = due;
            // At most a day, because a system timer cannot wait for months; it then sets itself again.
            _alarm.Change(TimeSpan.FromMilliseconds(Math.Clamp(due - Now, 0, 86_400_000)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Ring()
    {
        List<(object Entry, long Due)>? due = null;

        lock (_lock)
        {
            _alarmAt = long.MaxValue;
            var now = Now;

            while (_entries.TryPeek(out var entry, out var at) && at <= now)
            {
                _entries.Dequeue();
                (due ??= []).Add((entry, at));
            }

            if (_entries.TryPeek(out _, out var next))
            {
                Set(next);
            }
        }

        foreach (var (entry, at) in due ?? [])
        {
            switch (entry)
            {
                case Cell cell:
                    cell.Post(new DeadlineSignal(at));
                    break;
                case TimerRef timer:
                    timer.Fire(at);
                    break;
                case CallTimeout timeout:
                    timeout.Pass();
                    break;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _entries.Clear();
        }

        _alarm.Dispose();
    }
}
