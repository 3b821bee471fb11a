using System.Runtime.ExceptionServices;

namespace Midflight;

/// <summary>Runs process functions, one after the other, and their receives.</summary>
/// <remarks>
/// The function's asynchronous code comes back through the cell as signals, and a receive is completed here, in the slice, so
/// neither leaves the owner. An old frame is on the stack until the function has ended, so the process counts as
/// running that version until it ends in <see cref="Next.Current{T}"/>.
/// </remarks>
internal sealed class FunctionBody : Body
{
    // The function to start at the next step. A process spawned with a function that takes nothing has only _function and _begins.
    private Next? _next;
    private bool _begins;

    // The function that is awaiting something, as one of the two kinds; null if there is none.
    private ProcessTaskBox<Next>? _running;
    private Task? _runningTask;
    private bool _isWatched;

    private Delegate? _function;

    // The pending receive, and what it asks for if that is more than the next message. The result is the exception if it failed.
    private bool _receiving;
    private bool _received;
    private bool _failed;
    private object? _result;
    private Asked? _asked;
    private short _token;

    // The code that awaits the receive. It stays after it has continued, and is usually the same the next time, so it is not written again.
    // A ProcessTaskBox, or the Action of any other asynchronous code.
    private bool _isAwaited;
    private object? _continuation;

    internal FunctionBody(Next next)
    {
        _next = next;
        Use(next, qualified: true);
    }

    internal FunctionBody(Func<ProcessTask<Next>> function)
        : this((Delegate)function)
    {
    }

    internal FunctionBody(Func<ProcessTask> function)
        : this((Delegate)function)
    {
    }

    private FunctionBody(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        (_function, _begins) = (function, true);
        Version = CodeVersion.Of(function);
        Settle();
    }

    /// <summary>Whether its module answers system messages.</summary>
    internal bool IsSpecial => _function?.Method.DeclaringType is { } module && module.IsAssignableTo(typeof(SpecialProcess));

    /// <summary>The work that it does for code outside processes; null for all others.</summary>
    internal Errand? Errand => _function?.Target as Errand;

    internal override bool RunsInPlace => false;

    internal override string ModuleName => _function switch
    {
        { Target: Errand errand } => errand.Title,
        { Method.DeclaringType.FullName: { } name } => name,
        _ => "?",
    };

    internal override string? Function => _function switch
    {
        { Target: Errand errand } => errand.Title,
        { Method: var method } => $"{method.DeclaringType?.FullName}.{method.Name}",
        _ => null,
    };

    internal override object? State => null;

    internal override bool HasNext => _next is not null || _begins || HasEnded || (Looks && _receiving && !_received);

    internal override bool Step(Cell cell)
    {
        var handled = false;

        while (cell.Budget > 0)
        {
            if (_received && _isAwaited)
            {
                // TryTake has just taken it.
                cell.Budget--;
                Resume();
            }
            else if (HasEnded)
            {
                if (!Take(cell))
                {
                    return true;
                }
            }
            else if (_begins)
            {
                cell.Budget--;

                if (!Begin(cell, null))
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

                if (next is Next.Server server)
                {
                    server.Enter(cell, Debug);
                    cell.Body!.Step(cell);
                    return true;
                }

                if (!Begin(cell, next))
                {
                    return true;
                }
            }
            else if (!cell.Suspended && _receiving && !_received && ((cell.HasMessages && Completes(cell)) || (Looks && Looked(cell))))
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

    // The function has ended: what is left of the process is its state.
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

    private bool HasEnded => _running is { IsCompleted: true } || _runningTask is { IsCompleted: true };

    private bool Looks => _asked is { Looks: true };

    // A function that waits in a receive continues in a step, which sees its end. One that awaits something else may end wherever
    // that continues, so it reports its end. Whatever awaited its last receive must not stay in memory meanwhile.
    private void Rest()
    {
        if (!_isAwaited && _continuation is not null)
        {
            _continuation = null;
        }

        if (!_receiving && !_isWatched && (_runningTask ?? _running?.AsTask()) is { } running)
        {
            _isWatched = true;

            // The cell is the captured context, so this brings a signal, and then a step.
            running.GetAwaiter().UnsafeOnCompleted(static () => { });
        }
    }

    // If the current version is not that of the function to start, the function becomes an object, to be converted to it.
    private void Settle()
    {
        if (_begins && Version is { } version && version.Application.Current is { } current && current != version)
        {
            Next next = _function is Func<ProcessTask<Next>> function ? Next.Current(function) : new Next.Plain((Func<ProcessTask>)_function!, qualified: true);
            (_next, _begins) = (Use(next, qualified: true), false);
        }
    }

    // Chooses the version: the delegate's, or the current one for a qualified call.
    private Next Use(Next next, bool qualified)
    {
        if (!ReferenceEquals(_function, next.Function))
        {
            _function = next.Function;
            Version = _function switch
            {
                null => null,
                { Target: Errand errand } => errand.Version,
                _ => CodeVersion.Of(_function),
            };
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

    /// <summary>Moves a process that is between two functions to the current version. Owner only.</summary>
    /// <returns>False if a function of its present version is running, or is about to run as a local call.</returns>
    internal bool TryMove()
    {
        if (Version?.Application.Current is null)
        {
            return false;
        }

        Settle();

        if (_next is not { Qualified: true } next)
        {
            return _begins;
        }

        _next = Use(next, qualified: true);
        return true;
    }

    // If next is null, it is the first function, which was not made an object.
    private bool Begin(Cell cell, Next? next)
    {
        try
        {
            if (next is null)
            {
                Settle();
                (next, _next) = (_next, null);
            }

            _begins = false;
            var begun = next is not null ? Use(next, next.Qualified).Invoke()
                : _function is Func<ProcessTask<Next>> function ? Next.Begun.Of(function())
                : Next.Begun.Of(((Func<ProcessTask>)_function!)());
            (_running, _runningTask) = (begun.Function, begun.Task);
            return _running is not null || _runningTask is not null || GoOn(cell, begun.Next);
        }
        // Whatever the function throws ends its process, never the thread.
        catch (Exception exception)
        {
            return Crash(cell, exception);
        }
    }

    private bool Take(Cell cell)
    {
        var (function, task) = (_running, _runningTask);
        (_running, _runningTask, _isWatched) = (null, null, false);

        try
        {
            return GoOn(cell, function is null ? Next.Of(task!) : function.Result);
        }
        // As above.
        catch (Exception exception)
        {
            return Crash(cell, exception);
        }
    }

    private bool GoOn(Cell cell, Next? next)
    {
        if (next is null)
        {
            throw new InvalidOperationException($"{Function} returned null. Return Next.End, or the function that the process continues with.");
        }

        // A receive that the function started and did not await does not belong to the next one.
        (_receiving, _received, _failed, _result, _isAwaited) = (false, false, false, null, false);
        _continuation = null;
        _token++;

        if (next == Next.End)
        {
            cell.Ending ??= ExitReason.Normal;
            return false;
        }

        _next = next;
        return true;
    }

    private static bool Crash(Cell cell, Exception exception)
    {
        var reason = cell.IsKilled ? ExitReason.Killed : ExitException.ReasonOf(exception);
        CrashReport.Write(cell, reason, null);
        cell.Ending ??= reason;
        return false;
    }

    /// <summary>Starts a receive. Owner only, from within the function.</summary>
    /// <remarks>Without a predicate, any message fits. The result is null when the deadline, on the node's clock, passes.</remarks>
    internal ReceiveAwaitable<T> Receive<T>(Cell cell, Func<object, bool>? fits, long timeout)
    {
        if (_receiving)
        {
            throw new InvalidOperationException($"Process {cell.Pid} is already waiting in a receive; await that one first.");
        }

        _asked = fits is null && timeout == long.MaxValue ? null : new(fits, timeout);

        if (cell.HasMessages && cell.Budget > 0 && !cell.Suspended && TryReceive(cell))
        {
            cell.Budget--;
            var result = _result;
            (_result, _received, _asked) = (null, false, null);
            return new(result);
        }

        _receiving = true;
        _token++;

        if (timeout != long.MaxValue && !(_asked!.Looks = timeout <= cell.Node.Timers.Now))
        {
            cell.Arm(timeout);
        }

        return new(this, _token);
    }

    private bool TryReceive(Cell cell)
    {
        while (true)
        {
            var message = Version?.Incoming is null && _asked is not { Fits: not null } ? cell.Mailbox.Dequeue() : Select(cell);

            if (message is null)
            {
                return false;
            }

            // Most are plain messages. One comparison detects them; the other checks go through base classes.
            if (message.GetType() == typeof(Message))
            {
                return Takes(cell, (Message)message);
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
                    plain.Taken();
                    return Takes(cell, plain);
                default:
                    throw new InvalidOperationException($"No way to receive {message.GetType().Name}.");
            }
        }
    }

    private Envelope? Select(Cell cell)
    {
        Envelope? none = null;

        while (true)
        {
            var message = cell.Mailbox.Dequeue(
                static (envelope, at) => Fits(at.Cell, envelope, at.Body), (Cell: cell, Body: this), ref _asked is null ? ref none : ref _asked.Seen);

            if (message is not Message { Content: Unconverted })
            {
                return message;
            }
        }
    }

    // What makes it more than to take the next message is left to TryReceive.
    internal override bool TryTake(Cell cell, object content)
    {
        if (!_receiving || !_isAwaited || _received || _asked is { Fits: not null } or { Looks: true } || cell.Suspended || cell.Busy || Debug is not null || HasEnded || _next is not null || _begins
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
            (_result, _failed, _received) = (exception, true, true);
            return true;
        }
    }

    // The last look of a receive that does not wait. False where the process ends instead.
    private bool Looked(Cell cell)
    {
        cell.Fetch();

        // A time-out that came with the rest may have ended this receive, and what went on there may have begun another one.
        if (cell.Ending is not null || _received || !Looks)
        {
            return false;
        }

        if (!Completes(cell))
        {
            (_result, _received) = (null, true);
        }

        return true;
    }

    private static bool Fits(Cell cell, Envelope envelope, FunctionBody body)
    {
        if (envelope is PendingCall call)
        {
            return call.Content is not SystemRequest || !body.IsSpecial || body._asked?.Fits is not { } asks || asks(new SystemMessage(call));
        }

        var message = (Message)envelope;

        if (Door.IsNeeded && !TryConvert(cell, message, body))
        {
            // Taken out, and not received.
            return true;
        }

        return body._asked?.Fits is not { } fits || fits(message.Content);
    }

    private static bool TryConvert(Cell cell, Message message, FunctionBody body)
    {
        try
        {
            message.Content = Door.Into(body.Version, message.Content)!;
            return true;
        }
        catch (ConversionException exception)
        {
            Unconverted.Lose(cell, body, message.Content, exception);
            message.Content = Unconverted.Instance;
            return false;
        }
    }

    private void Resume()
    {
        _asked = null;

        if (_isAwaited)
        {
            _isAwaited = false;

            // Of the two kinds that there are.
            if (_continuation is Action action)
            {
                action();
            }
            else
            {
                ((ProcessTaskBox)_continuation!).MoveNext();
            }
        }
    }

    /// <summary>A message was taken out of the mailbox by other means: a receive that waits looks through it from the beginning. Owner only.</summary>
    internal void LookAnew()
    {
        if (_asked is { } asked)
        {
            asked.Seen = null;
        }
    }

    internal override void DeadlinePassed(Cell cell, long now)
    {
        if (!_receiving || _received || _asked is not { Timeout: var timeout and not long.MaxValue })
        {
            return;
        }

        if (timeout > now)
        {
            cell.Arm(timeout);
            return;
        }

        // What waits and fits goes first, even if it came late: as in OTP, the time-out is for an empty mailbox.
        if (!Completes(cell))
        {
            (_result, _received) = (null, true);
        }

        Resume();
    }

    /// <summary>Whether a receive is done, well or not. One that is no more, is.</summary>
    internal bool HasReceived(short token) => token != _token || _received || !_receiving;

    /// <summary>Ends a receive that is done. Owner only.</summary>
    internal object? Received(short token)
    {
        if (token != _token || !_received)
        {
            throw new InvalidOperationException("Await a receive once, and read its result only when it is done. Keep the result, or start another receive.");
        }

        var (result, failed) = (_result, _failed);
        (_result, _failed, _received, _receiving) = (null, false, false, false);

        if (failed)
        {
            ExceptionDispatchInfo.Throw((Exception)result!);
        }

        return result;
    }

    /// <summary>Says what goes on when the receive is done. Owner only.</summary>
    /// <param name="continuation">A <see cref="ProcessTaskBox"/> or an <see cref="Action"/>.</param>
    internal void OnReceived(object continuation)
    {
        if (_continuation != continuation)
        {
            _continuation = continuation;
        }

        // Last: should other threads come here, against all advice, none that looks finds what awaited before.
        Volatile.Write(ref _isAwaited, true);
    }

    /// <inheritdoc/>
    public override string ToString() => $"function of {ModuleName}{(_running is null && _runningTask is null ? ", not started" : "")}";

    // What a receive asks for besides the next message. Most do not, and a process is the smaller for it.
    private sealed class Asked(Func<object, bool>? fits, long timeout)
    {
        internal readonly Func<object, bool>? Fits = fits;
        internal readonly long Timeout = timeout;

        // It does not wait: it takes what has been sent by now, or nothing.
        internal bool Looks;

        // Up to where it has looked in vain, so that what waits is not asked again for each message that comes.
        internal Envelope? Seen;
    }
}
