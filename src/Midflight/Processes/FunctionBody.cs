using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Midflight;

/// <summary>Runs process functions, one after the other, and their receives.</summary>
/// <remarks>
/// The function's asynchronous code comes back through the cell as signals; a receive is completed here, in the slice, so
/// neither leaves the owner. An old frame is on the stack as long as the function has not ended, so the process counts as
/// running that version until it ends in <see cref="Next.Current{T}"/>.
/// </remarks>
internal sealed class FunctionBody : Body, IValueTaskSource<object?>
{
    // The function to begin with at the next step.
    private Next? _next;

    // The function that awaits something; null when none does.
    private Task<Next>? _running;
    private bool _isWatched;

    private Delegate? _function;

    // The receive that waits.
    private bool _receiving;
    private bool _received;
    private object? _result;
    private Exception? _failure;
    private Func<object, bool>? _fits;

    // Up to where it has looked in vain, so that what waits is not asked again for each message that comes.
    private Envelope? _seen;

    // It does not wait: it takes what has been sent by now, or nothing.
    private bool _looks;
    private long _timeout = long.MaxValue;
    private short _token;

    // Whoever awaits the receive. They stay when it has gone on, and mostly are the same the next time: then they are not written anew.
    private bool _isAwaited;
    private Action<object?>? _continuation;
    private object? _continuationState;

    internal FunctionBody(Next next)
    {
        _next = next;
        Use(next, qualified: true);
    }

    /// <summary>Whether its module answers system messages.</summary>
    internal bool IsSpecial => _function?.Method.DeclaringType is { } module && module.IsAssignableTo(typeof(SpecialProcess));

    internal override bool RunsInPlace => false;

    internal override string ModuleName => _function?.Method.DeclaringType?.FullName ?? "?";

    internal override string? Function => _function?.Method is { } method ? $"{method.DeclaringType?.FullName}.{method.Name}" : null;

    internal override object? State => null;

    internal override bool HasNext => _next is not null || HasEnded || (_looks && _receiving && !_received);

    internal override bool Step(Cell cell)
    {
        var handled = false;

        while (cell.Budget > 0)
        {
            if (_received && _isAwaited)
            {
                // By TryTake, just before.
                cell.Budget--;
                Resume();
            }
            else if (HasEnded)
            {
                var ended = _running!;
                (_running, _isWatched) = (null, false);

                if (!Take(cell, new(ended)))
                {
                    return true;
                }
            }
            else if (_next is { } next)
            {
                _next = null;
                cell.Budget--;

                if (next is Next.System system)
                {
                    return Handle(cell, system);
                }

                if (!Begin(cell, next))
                {
                    return true;
                }
            }
            else if (!cell.Suspended && _receiving && !_received && ((cell.HasMessages && Completes(cell)) || (_looks && Looked(cell))))
            {
                cell.Budget--;
                Resume();
            }
            else
            {
                Rest();
                return handled;
            }

            handled = true;
        }

        return handled;
    }

    // The function is done and gone: what is left of the process is its state.
    private bool Handle(Cell cell, Next.System system)
    {
        cell.Body = system.Body;
        system.Body.Watch(Debug);
        ((SystemRequest)system.Call.Content).Act(cell, system.Body, system.Call);

        if (cell.Ending is null && !cell.Busy)
        {
            cell.Body.Step(cell);
        }

        return true;
    }

    private bool HasEnded => _running is { IsCompleted: true };

    // A function that waits in a receive goes on in a step, and its end is seen there. One that awaits something else may end
    // wherever that continues, so it is to tell; and what awaited its last receive is not to stay in memory for it.
    private void Rest()
    {
        if (!_isAwaited && _continuation is not null)
        {
            (_continuation, _continuationState) = (null, null);
        }

        if (_running is { } running && !_receiving && !_isWatched)
        {
            _isWatched = true;

            // With the cell as the captured context: a signal, and after it a step.
            running.GetAwaiter().UnsafeOnCompleted(static () => { });
        }
    }

    // Chooses the version: that of the delegate, or the current one for a qualified call.
    private Next Use(Next next, bool qualified)
    {
        if (!ReferenceEquals(_function, next.Function))
        {
            _function = next.Function;
            Version = _function is null ? null : CodeVersion.Of(_function);
        }

        if (qualified && Version is { } version && version.Application.Current is { } current && current != version)
        {
            next = next.In(current);
            _function = next.Function;
            Version = CodeVersion.Of(_function!);
            Watch(Debug?.In(current));
        }

        return next;
    }

    /// <summary>Takes a process that is between two functions to the current version. Owner only.</summary>
    /// <returns>False if a function of the version that it has runs, or is to run as a local call.</returns>
    internal bool TryMove()
    {
        if (_next is not { Qualified: true } next || Version?.Application.Current is null)
        {
            return false;
        }

        _next = Use(next, qualified: true);
        return true;
    }

    private bool Begin(Cell cell, Next next)
    {
        ValueTask<Next> running;

        try
        {
            running = Use(next, next.Qualified).Invoke();
        }
        // Whatever the function throws ends its process, never the thread.
        catch (Exception exception)
        {
            return Crash(cell, exception);
        }

        if (running.IsCompleted)
        {
            return Take(cell, running);
        }

        _running = running.AsTask();
        return true;
    }

    private bool Take(Cell cell, ValueTask<Next> completed)
    {
        try
        {
            var next = completed.GetAwaiter().GetResult();

            // A receive that the function began and did not await is none of the next one's.
            (_receiving, _received, _result, _failure, _isAwaited) = (false, false, null, null, false);
            (_continuation, _continuationState) = (null, null);
            _token++;

            if (next == Next.End)
            {
                cell.Ending ??= ExitReason.Normal;
                return false;
            }

            _next = next;
            return true;
        }
        // As above.
        catch (Exception exception)
        {
            return Crash(cell, exception);
        }
    }

    private static bool Crash(Cell cell, Exception exception)
    {
        var reason = cell.IsKilled ? ExitReason.Killed : ExitException.ReasonOf(exception);
        CrashReport.Write(cell, reason, null);
        cell.Ending ??= reason;
        return false;
    }

    /// <summary>Begins a receive. Owner only, from within the function.</summary>
    /// <remarks>Any message fits where none is asked for; the result is null when the deadline, on the node's clock, passes.</remarks>
    internal ValueTask<object?> Receive(Cell cell, Func<object, bool>? fits, long timeout)
    {
        if (_receiving)
        {
            throw new InvalidOperationException($"Process {cell.Pid} already waits in a receive; await that one first.");
        }

        (_fits, _timeout, _seen) = (fits, timeout, null);

        if (cell.HasMessages && cell.Budget > 0 && !cell.Suspended && TryReceive(cell))
        {
            cell.Budget--;
            var result = _result;
            (_result, _received, _fits, _timeout, _seen) = (null, false, null, long.MaxValue, null);
            return new(result);
        }

        _receiving = true;
        _token++;
        _looks = timeout != long.MaxValue && timeout <= cell.Node.Timers.Now;

        if (timeout != long.MaxValue && !_looks)
        {
            cell.Arm(timeout);
        }

        return new(this, _token);
    }

    private bool TryReceive(Cell cell)
    {
        var incoming = Version?.Incoming;

        while (true)
        {
            var message = _fits is null && incoming is null
                ? cell.Mailbox.Dequeue()
                : cell.Mailbox.Dequeue(static (envelope, at) => Fits(envelope, at.Body, at.Incoming), (Body: this, Incoming: incoming), ref _seen);

            if (message is null)
            {
                return false;
            }

            // Most are, and one compare tells so, where the other questions go through base classes.
            if (message.GetType() == typeof(Message))
            {
                return Takes(cell, Unsafe.As<Message>(message));
            }

            switch (message)
            {
                case PendingCall { Content: SystemRequest } call when IsSpecial:
                    (_result, _received) = (new SystemMessage(call), true);
                    return true;
                case PendingCall call:
                    // A call to a plain process: nobody here answers calls, so its caller learns so at once.
                    call.Fail(CallFailure.NotServed, null);
                    break;
                case Message plain:
                    return Takes(cell, plain);
                default:
                    throw new InvalidOperationException($"No way to receive {message.GetType().Name}.");
            }
        }
    }

    // What makes it more than to take the next message is left to TryReceive.
    internal override bool TryTake(Cell cell, object content)
    {
        if (!_receiving || !_isAwaited || _received || _fits is not null || _looks || cell.Suspended || cell.Busy || Debug is not null || HasEnded || _next is not null
            || Version is { Incoming: not null })
        {
            return false;
        }

        (_result, _received) = (content, true);
        return true;
    }

    private bool Takes(Cell cell, Message message)
    {
        (_result, _received) = (message.Content, true);
        Debug?.See(cell, DebugEvent.Of(message));
        return true;
    }

    // TryReceive for a receive that waits: what goes wrong is thrown where the function awaits.
    private bool Completes(Cell cell)
    {
        try
        {
            return TryReceive(cell);
        }
        // A predicate of the function, or a conversion.
        catch (Exception exception)
        {
            (_failure, _received) = (exception, true);
            return true;
        }
    }

    // The last look of a receive that does not wait. False where the process ends instead.
    private bool Looked(Cell cell)
    {
        cell.Fetch();

        // A time-out that came with the rest may have ended this receive, and what went on there may have begun another one.
        if (cell.Ending is not null || _received || !_looks)
        {
            return false;
        }

        if (!Completes(cell))
        {
            (_result, _received) = (null, true);
        }

        return true;
    }

    private static bool Fits(Envelope envelope, FunctionBody body, Conversion? incoming)
    {
        if (envelope is PendingCall call)
        {
            return call.Content is not SystemRequest || !body.IsSpecial || body._fits is not { } asks || asks(new SystemMessage(call));
        }

        var message = (Message)envelope;

        if (incoming is not null)
        {
            message.Content = incoming.Receive(message.Content);
        }

        return body._fits is not { } fits || fits(message.Content);
    }

    private void Resume()
    {
        (_fits, _timeout, _seen, _looks) = (null, long.MaxValue, null, false);

        if (_isAwaited)
        {
            _isAwaited = false;
            _continuation!(_continuationState);
        }
    }

    internal override void DeadlinePassed(Cell cell, long now)
    {
        if (!_receiving || _received || _timeout == long.MaxValue)
        {
            return;
        }

        if (_timeout > now)
        {
            cell.Arm(_timeout);
            return;
        }

        // What waits and fits goes first, even if it came late: as in OTP, the time-out is for an empty mailbox.
        if (!Completes(cell))
        {
            (_result, _received) = (null, true);
        }

        Resume();
    }

    object? IValueTaskSource<object?>.GetResult(short token)
    {
        if (token != _token || !_received)
        {
            throw new InvalidOperationException("A receive is awaited once, and not before it is done.");
        }

        var (result, failure) = (_result, _failure);
        (_result, _failure, _received, _receiving) = (null, null, false, false);

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<object?>.GetStatus(short token) => token == _token && !_received
        ? ValueTaskSourceStatus.Pending
        : _failure is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;

    void IValueTaskSource<object?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (_continuation != (object)continuation)
        {
            _continuation = continuation;
        }

        if (_continuationState != state)
        {
            _continuationState = state;
        }

        // Last: should other threads come here, against all advice, none that looks finds what awaited before.
        Volatile.Write(ref _isAwaited, true);
    }

    /// <inheritdoc/>
    public override string ToString() => $"function of {ModuleName}{(_running is null ? ", not started" : "")}";
}
