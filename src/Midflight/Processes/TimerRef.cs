namespace Midflight;

/// <summary>A message or exit signal that will be sent later, once or periodically.</summary>
public sealed class TimerRef
{
    private readonly Cell _target;
    private object? _message;
    private readonly long _every;
    private readonly bool _exits;
    private int _state;

    // By the node's clock. Written before each time that it is set.
    private long _due;

    internal TimerRef(Cell target, object message, TimeSpan every, bool exits = false)
    {
        _target = target;
        _message = message;
        _exits = exits;
        _every = every <= TimeSpan.Zero ? 0 : Math.Max(1, (long)every.TotalMilliseconds);
    }

    /// <summary>Sets the timer, once.</summary>
    internal void Begin(TimeSpan delay) => PutOn(_target.Node.Timers.After(delay));

    private void PutOn(long due)
    {
        Volatile.Write(ref _due, due);
        _target.Node.Timers.Add(this, due);
    }

    /// <summary>The time until it sends; zero if it is due now; null if it has sent everything, was cancelled, or the process has ended.</summary>
    public TimeSpan? TimeLeft => !IsWaiting ? null
        : Volatile.Read(ref _due) is var due && due == long.MaxValue ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromMilliseconds(Math.Max(0, due - _target.Node.Timers.Now));

    /// <summary>Cancels the timer.</summary>
    /// <returns>True if a message was still to come. False if it had been sent or the timer was cancelled before.</returns>
    /// <remarks>A message that has been sent may still be in the mailbox.</remarks>
    public bool Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Stopped, Waiting) != Waiting)
        {
            return false;
        }

        // The entry may stay until it is due, but must not keep the message that long.
        _message = null;
        _target.Node.Timers.Dropped();
        return true;
    }

    internal bool IsWaiting => Volatile.Read(ref _state) == Waiting && !_target.IsDead;

    /// <summary>Converts the message to the version that the receiver runs, or to its own current version if the receiver is not hot.</summary>
    /// <remarks>A message that cannot be converted fails when it is received.</remarks>
    internal void Convert()
    {
        if (_message is not { } message || _target.Body is not { } body)
        {
            return;
        }

        try
        {
            var converted = body.Version is { } version ? Door.Into(version, message) : Door.InCurrent(message);

            // Does not overwrite the null of a timer that was cancelled or has fired meanwhile.
            Interlocked.CompareExchange(ref _message, converted, message);
        }
        // A written conversion may throw anything.
        catch (Exception)
        {
        }
    }

    private const int Waiting = 0;
    private const int Stopped = 1;
    private const int Done = 2;

    internal void Fire(long due)
    {
        if (_message is not { } message)
        {
            return;
        }

        if (_every > 0)
        {
            if (IsWaiting)
            {
                _target.Send(message);

                // Counted from when it was due, so that the rhythm does not drift. Missed messages are not made up for.
                var late = Math.Max(0, _target.Node.Timers.Now - due);
                PutOn(due + (_every * (1 + (late / _every))));
            }
        }
        else if (Interlocked.CompareExchange(ref _state, Done, Waiting) == Waiting)
        {
            _message = null;

            if (_exits)
            {
                Process.Exit(_target.Pid, (ExitReason)message);
            }
            else
            {
                _target.Send(message);
            }
        }
    }
}
