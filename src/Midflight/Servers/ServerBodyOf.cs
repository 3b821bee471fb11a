using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The loop of a server, in one code version.</summary>
internal class ServerBody<TState> : ServerBody
{
    private readonly GenServer<TState> _module;
    private TState _state;

    // It runs only on a scheduler: its calls are asynchronous, or it has debug options.
    private bool _queues;

    internal ServerBody(GenServer<TState> module, TState state)
    {
        (_module, _state, _queues) = (module, state, module.CallIsAsync);
        Version = CodeVersion.Of(module.GetType());
    }

    internal override Behaviour Module => _module;

    internal override bool RunsInPlace => !_queues && Continuation is null;

    internal override void Watch(DebugOptions? debug)
    {
        base.Watch(debug);
        _queues = debug is not null || _module.CallIsAsync;
    }

    /// <summary>The state itself, where a kind of behaviour shows something else as its state.</summary>
    private protected ref TState Held => ref _state;

    internal override object? State => _state;

    private protected override object? FormattedState => _module.OnFormatStatus(_state);

    // A failure of the user's code here must not break a code change. The next start reports it.
    internal override void Follow(Cell cell)
    {
        try
        {
            Limit(cell);
        }
        catch (Exception)
        {
        }
    }

    private void Limit(Cell cell)
    {
        var limit = _module.Limit;

        if (cell.Gauge is { } gauge)
        {
            gauge.Limit = limit;
        }
        else if (limit is not null)
        {
            cell.Gauge = new(cell) { Limit = limit };
        }
    }

    internal override void ReplaceState(object? state) => _state = (TState)state!;

    internal override void ChangeCode(OldVsn from, object? extra) => _state = _module.Changed(_state, _module.OnCodeChange(from, _state, extra));

    internal override ValueTask<Pid> Init(Cell cell, object? argument, Cell? parent)
    {
        ValueTask<Started<TState>> starting;
        LastMessage = argument;

        try
        {
            Limit(cell);
            starting = _module.OnInit(Door.Into(Version, argument));
        }
        // A failing Init is reported to the starter.
        catch (Exception exception)
        {
            starting = ValueTask.FromException<Started<TState>>(exception);
        }

        if (starting.IsCompleted)
        {
            return Begin(cell, starting, parent);
        }

        return BeginLater(cell, starting, parent);
    }

    // A separate method, like all methods with a closure here; otherwise the closure would be allocated even if there is nothing to wait for.
    private ValueTask<Pid> BeginLater(Cell cell, ValueTask<Started<TState>> starting, Cell? parent)
    {
        // The starter may not be a process; its continuation must not run within this one's slice.
        var started = new TaskCompletionSource<Pid>(TaskCreationOptions.RunContinuationsAsynchronously);
        cell.Busy = true;
        var abandoned = new Abandoned(started, Module.GetType());
        cell.Bonds.Owned.Add(abandoned);
        starting.GetAwaiter().UnsafeOnCompleted(() =>
        {
            cell.Busy = false;
            cell.Bonds.Owned.Remove(abandoned);

            try
            {
                started.TrySetResult(Begin(cell, starting, parent).GetAwaiter().GetResult());
            }
            catch (StartFailedException failure)
            {
                started.TrySetException(failure);
            }
        });
        return new(started.Task);
    }

    private ValueTask<Pid> Begin(Cell cell, ValueTask<Started<TState>> starting, Cell? parent)
    {
        try
        {
            var started = starting.GetAwaiter().GetResult();

            if (started.Ignored)
            {
                Forget(cell, parent);
                cell.Ending = ExitReason.Normal;
                return new(default(Pid));
            }

            if (started.First.Ending is { } refusal)
            {
                Forget(cell, parent);
                cell.Ending = refusal;
                return ValueTask.FromException<Pid>(new StartFailedException(Module.GetType(), refusal));
            }

            Apply(cell, started.First);
            return new(cell.Pid);
        }
        // As above.
        catch (Exception exception)
        {
            var reason = ExitException.ReasonOf(exception);
            CrashReport.Write(cell, reason, LastMessage);
            Forget(cell, parent);
            cell.Ending = reason;
            return ValueTask.FromException<Pid>(new StartFailedException(Module.GetType(), reason));
        }
    }

    protected override InPlace HandleCallInPlace(Cell cell, object request)
    {
        InPlace outcome;

        try
        {
            var answer = _module.OnCall(request, _state);

            if (answer is { Replies: true, IsPlain: false, Ending: { } last })
            {
                Module.OnLastReply(cell, last);
            }

            Apply(cell, answer);

            if (answer.Replies && ForgetCaller() is null)
            {
                return new InPlace { Reply = answer.ReplyObject, Bits = answer.ReplyBits };
            }

            outcome = answer.Replies ? new InPlace { Reply = answer.ReplyObject, Bits = answer.ReplyBits }
                : answer.Ending is { } reason ? new InPlace { Ended = reason }
                : NoReplyInPlace(cell);
        }
        // Any exception of a callback ends its process, never the thread.
        catch (Exception exception)
        {
            outcome = new InPlace { Ended = Crash(cell, exception) };
        }

        return ForgetCaller() is { } taken ? Defer(cell, taken, outcome) : outcome;
    }

    protected override void HandleCall(Cell cell, object request)
    {
        try
        {
            if (_module.CallIsAsync)
            {
                Await(cell, _module.OnCallAsync(request, _state));
                return;
            }

            var answer = _module.OnCall(request, _state);
            Settle(cell, answer);
            Apply(cell, answer);
        }
        // As above.
        catch (Exception exception)
        {
            Crash(cell, exception);
        }
    }

    protected override void Handle(Cell cell, object content, bool isCast)
    {
        try
        {
            if (isCast ? CastIsAsync : _module.InfoIsAsync)
            {
                Await(cell, isCast ? _module.OnCastAsync(content, _state) : _module.OnInfoAsync(content, _state));
            }
            // Not one answer chosen from two: that would be copied as a block right after its parts were written, and a processor
            // waits until such parts are in its cache.
            else if (isCast)
            {
                Apply(cell, _module.OnCast(content, _state));
            }
            else
            {
                Apply(cell, _module.OnInfo(content, _state));
            }
        }
        // As above.
        catch (Exception exception)
        {
            Crash(cell, exception);
        }
    }

    protected override bool CastIsAsync => _module.CastIsAsync;

    protected override void HandleCasts(Cell cell, CastBatch batch)
    {
        // Written back when this ends, not for each cast. Other threads that inspect the server meanwhile see the state from before the batch.
        var state = _state;

        try
        {
            do
            {
                if (Take(cell, batch) is not { } cast)
                {
                    continue;
                }

                var answer = _module.OnCast(cast, state);
                state = answer.State;

                if (!answer.IsPlain)
                {
                    Apply(cell, answer);
                    return;
                }
            }
            while (GoesOn(cell, batch));

            _state = state;
        }
        // As above.
        catch (Exception exception)
        {
            _state = state;
            Crash(cell, exception);
        }
    }

    protected override void HandleContinuation(Cell cell, object with)
    {
        try
        {
            Await(cell, _module.OnContinue(with, _state));
        }
        // As above.
        catch (Exception exception)
        {
            Crash(cell, exception);
        }
    }

    private void Await(Cell cell, ValueTask<Answer<TState>> answering)
    {
        var awaiter = answering.GetAwaiter();

        // Read once: it may complete on another thread at this moment.
        if (awaiter.IsCompleted)
        {
            var answer = awaiter.GetResult();
            Settle(cell, answer);
            Apply(cell, answer);
            return;
        }

        ApplyLater(cell, awaiter);
    }

    private void ApplyLater(Cell cell, ValueTaskAwaiter<Answer<TState>> awaiter)
    {
        cell.Busy = true;

        // The cell is the captured context, so this runs in its slice.
        awaiter.UnsafeOnCompleted(() =>
        {
            cell.Busy = false;

            try
            {
                var answer = awaiter.GetResult();
                Settle(cell, answer);
                Apply(cell, answer);
            }
            // As above.
            catch (Exception exception)
            {
                Crash(cell, exception);
            }
        });
    }

    private void Apply(Cell cell, in Answer<TState> answer)
    {
        _state = answer.State;

        if (answer.IsPlain)
        {
            ForgetIdle();
            return;
        }

        Continuation = answer.Continuation;
        SetIdle(cell, answer.Idle);

        if (answer.Ending is { } reason)
        {
            if (reason.IsAbnormal)
            {
                CrashReport.Write(cell, reason, LastMessage);
            }

            Terminate(cell, reason);
        }
    }

    protected override void Terminate(Cell cell, ExitReason reason)
    {
        ValueTask terminating;

        try
        {
            terminating = _module.OnTerminate(Door.Into(Version, reason), _state);
        }
        // It ends anyway; the report says what else went wrong.
        catch (Exception exception)
        {
            terminating = ValueTask.FromException(exception);
        }

        EndAfter(cell, reason, terminating);
    }

    private sealed class Abandoned(TaskCompletionSource<Pid> started, Type module) : IDisposable
    {
        public void Dispose() => started.TrySetException(new StartFailedException(module, ExitReason.Killed));
    }
}
