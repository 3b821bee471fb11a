namespace Midflight;

/// <summary>Ends something that takes too long. Created once per socket and started often: its timer is set again only when the last one has fired.</summary>
/// <param name="time">The clock.</param>
/// <param name="after">How long it may take; infinite for no limit.</param>
/// <param name="gate">Owns this.</param>
/// <param name="expired">Called without the lock.</param>
internal sealed class TcpTimeout(TimeProvider time, TimeSpan after, object gate, Action expired) : IDisposable
{
    private ITimer? _timer;
    private long _began;
    private bool _runs;
    private bool _disposed;

    /// <summary>Restarts the measurement. Under the lock.</summary>
    internal void Restart()
    {
        if (after == Timeout.InfiniteTimeSpan || _disposed)
        {
            return;
        }

        (_began, _runs) = (time.GetTimestamp(), true);
        _timer ??= time.CreateTimer(static timeout => ((TcpTimeout)timeout!).Rings(), this, after, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts the measurement, unless it is running. Under the lock.</summary>
    internal void Begin()
    {
        if (!_runs)
        {
            Restart();
        }
    }

    /// <summary>It did not take too long. Under the lock.</summary>
    internal void Stop() => _runs = false;

    /// <summary>Stops measuring for good. Under the lock.</summary>
    public void Dispose()
    {
        (_runs, _disposed) = (false, true);
        _timer?.Dispose();
        _timer = null;
    }

    private void Rings()
    {
        lock (gate)
        {
            if (!_runs)
            {
                _timer?.Dispose();
                _timer = null;
                return;
            }

            if (time.GetElapsedTime(_began) is var elapsed && elapsed < after)
            {
                _timer?.Change(after - elapsed, Timeout.InfiniteTimeSpan);
                return;
            }

            _runs = false;
        }

        expired();
    }
}
