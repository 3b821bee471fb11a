using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The loop of a server in one code version: the part that does not depend on the type of the state.</summary>
internal abstract class ServerBody : Body
{
    // The call of the request being handled.
    private PendingCall? _call;
    private Func<object, Cell?, PendingCall>? _make;
    private Cell? _caller;

    // The message handled last, unless it is the current cast. A body that has come from another code version has its earlier body here
    // until it handles something: so that body needs no field of its own, and is forgotten by itself.
    private object? _last;

    // The batch whose cast is being handled. It stays set meanwhile, so that not every cast costs a write barrier.
    private CastBatch? _casts;

    // To be handled before the next message.
    protected object? Continuation;

    /// <summary>The message that is being handled, or was handled last, for the crash report.</summary>
    protected object? LastMessage
    {
        get => _casts is { } batch ? batch.InHand : _last is Former ? null : _last;

        set
        {
            if (_casts is { } batch)
            {
                batch.InHand = value;
            }
            else
            {
                _last = value;
            }
        }
    }

    /// <summary>Forgets the current or last message, which may hold hot values of other processes. Owner only.</summary>
    internal void ForgetMessage() => LastMessage = null;

    private sealed record Former(ServerBody Body);

    /// <summary>The body before an upgrade that is not decided yet; null once it has handled its first message in the new code. Owner only.</summary>
    internal ServerBody? Before => _casts is null && _last is Former former ? former.Body : null;

    /// <summary>Keeps the process's earlier body, for a rollback. Owner only.</summary>
    internal void Keep(ServerBody before)
    {
        before.ForgetBefore();
        _last = new Former(before);
    }

    /// <summary>Forgets the earlier body: there is no rollback any longer, or the state is no longer the one that it was converted to. Any thread.</summary>
    internal void ForgetBefore()
    {
        // A message that the owner is handling at the moment replaces it by itself.
        if (Volatile.Read(ref _last) is Former former)
        {
            Interlocked.CompareExchange(ref _last, null, former);
        }
    }

    private TimeSpan _idle;
    private long _idleDeadline = long.MaxValue;

    /// <summary>The module of this version.</summary>
    internal abstract Behaviour Module { get; }

    internal override string ModuleName => Module.GetType().FullName!;

    internal override string? Function => LastMessage is { } message ? $"{ModuleName}({message.GetType().Name})" : null;

    /// <summary>Creates the first state. Owner only.</summary>
    internal abstract ValueTask<Pid> Init(Cell cell, object? argument, Cell? parent);

    /// <summary>The same server in another code version: its state is converted, its pending time-out kept.</summary>
    /// <param name="target">The other version.</param>
    /// <param name="changes">Whether the module's CodeChange follows. If so, the parts of the state that it may change are copied, so that the state can be restored.</param>
    /// <exception cref="ConversionException">The state cannot be converted.</exception>
    /// <exception cref="MissingMethodException">The module is not in that version.</exception>
    internal ServerBody In(CodeVersion target, bool changes = false)
    {
        var type = target.FindType(ModuleName) ?? throw new MissingMethodException(
            $"{ModuleName} is not in {target}, but processes run it. Keep the module, or stop its processes first.");
        var module = target.Modules.Get(type);
        var body = CreateIn(target, module, changes && module.ChangesCode);
        body.Version = target;
        (body._idle, body._idleDeadline) = (_idle, _idleDeadline);
        body.Watch(Debug?.In(target));
        body.Continuation = Door.Into(target, Continuation);
        return body;
    }

    /// <summary>Whether there is nothing to convert except the state and what is handled next.</summary>
    internal virtual bool HasOnlyState => Debug is null;

    /// <summary>What is handled before the next message; null if there is nothing. Owner only.</summary>
    internal object? NextContinuation => Continuation;

    /// <summary>Creates a body of the same module in another code version, and converts what belongs to the state.</summary>
    private protected virtual ServerBody CreateIn(CodeVersion target, Behaviour module, bool copies) =>
        module.CreateBody(Door.Into(target, State, module.StateType, copies));

    /// <summary>Calls the module's CodeChange on the state of this body.</summary>
    internal abstract void ChangeCode(OldVsn from, object? extra);

    /// <summary>Replaces the state.</summary>
    internal abstract void ReplaceState(object? state);

    /// <summary>A body whose state can be changed without changing this one's.</summary>
    internal ServerBody Copy()
    {
        var copy = (ServerBody)MemberwiseClone();

        if (Module.ChangesCode)
        {
            copy.ReplaceState(Door.Into(Version, State, Module.StateType, copies: true));
        }

        return copy;
    }

    protected abstract void Handle(Cell cell, object content, bool isCast);

    /// <summary>Whether a cast may still be in progress when its callback has returned, so that the next one has to wait.</summary>
    protected abstract bool CastIsAsync { get; }

    /// <summary>Handles casts of a batch, which is the oldest message, while it <see cref="GoesOn"/>.</summary>
    protected abstract void HandleCasts(Cell cell, CastBatch batch);

    protected abstract void HandleCall(Cell cell, object request);

    protected abstract void HandleContinuation(Cell cell, object with);

    /// <summary>Calls Terminate and ends the process.</summary>
    protected abstract void Terminate(Cell cell, ExitReason reason);

    /// <summary>Ends the process once Terminate is done.</summary>
    protected void EndAfter(Cell cell, ExitReason reason, ValueTask terminating)
    {
        if (terminating.IsCompletedSuccessfully)
        {
            cell.Ending ??= reason;
            return;
        }

        EndLater(cell, reason, terminating.GetAwaiter());
    }

    private void EndLater(Cell cell, ExitReason reason, ValueTaskAwaiter awaiter)
    {
        cell.Busy = true;

        void Done()
        {
            cell.Busy = false;

            try
            {
                awaiter.GetResult();
                cell.Ending ??= reason;
            }
            // It ends anyway. The report says what else went wrong.
            catch (Exception exception)
            {
                CrashReport.Write(cell, ExitReason.Error(exception), LastMessage);
                cell.Ending ??= ExitReason.Error(exception);
            }
        }

        if (awaiter.IsCompleted)
        {
            Done();
        }
        else
        {
            awaiter.UnsafeOnCompleted(Done);
        }
    }

    // The starter learns of the failure from its start, so it needs no signal from the link as well. It must not have to wait for the end
    // to be carried out before the name is free again.
    internal static void Forget(Cell cell, Cell? parent)
    {
        foreach (var name in cell.Names)
        {
            cell.Node.Names.Remove(name, cell);
        }

        cell.Bonds.Unregister();

        if (parent is null)
        {
            return;
        }

        cell.Links.Remove(parent);

        if (Cell.Current == parent)
        {
            parent.Links.Remove(cell);
        }
        else
        {
            parent.Do(owner => owner.Links.Remove(cell));
        }
    }

    /// <summary>Ends the process through Terminate, on request. Owner only.</summary>
    internal void TerminateFor(Cell cell, ExitReason reason)
    {
        CrashReport.Write(cell, reason, LastMessage);
        Terminate(cell, reason);
    }

    internal override bool HasNext => Continuation is not null;

    internal bool IsStale => Version is { } version && version.Application.Current is { } current && current != version;

    /// <summary>Moves the process to the current version of its module, before its next message. Owner only.</summary>
    /// <returns>Whether that worked. If not, the process ends, or stands still until the upgrade is abandoned.</returns>
    internal bool Move(Cell cell)
    {
        var current = Version!.Application.Current!;
        var trial = current.Trial;

        try
        {
            cell.Body = MovedTo(current, trial);
            return true;
        }
        // A code change may throw anything.
        catch (Exception exception) when (trial is not null || exception is ConversionException or MissingMethodException)
        {
            if (trial?.Holds(cell, exception) is true)
            {
                cell.Suspended = true;
            }
            else
            {
                Crash(cell, exception);
            }

            return false;
        }
    }

    /// <summary>The body of this process in another code version: its earlier body there, if it has handled nothing since. Owner only.</summary>
    internal ServerBody MovedTo(CodeVersion target, Trial? trial)
    {
        var moved = Before is { } before && before.Version == target ? before
            : trial is null ? In(target)
            : trial.Move(this, target);

        if (trial is { Keeps: true })
        {
            moved.Keep(this);
        }

        return moved;
    }

    internal override bool Step(Cell cell)
    {
        var handled = false;

        // An asynchronous callback has ended.
        cell.StopSpan();
        Debug?.Finish(cell, this);

        while (cell.Budget > 0 && !cell.Busy && cell.Ending is null)
        {
            if (cell.Suspended)
            {
                if (TakeSystemMessage(cell))
                {
                    handled = true;

                    if (cell.Body != this)
                    {
                        // It has changed code, so the new body handles what comes next.
                        return cell.Body!.Step(cell);
                    }

                    continue;
                }

                if (cell.Node.Standstill?.GoesOn(cell) is not true)
                {
                    return handled;
                }
            }

            if (Continuation is null && !cell.HasMessages)
            {
                return handled;
            }

            if (IsStale)
            {
                return Move(cell) && cell.Body!.Step(cell);
            }

            handled = true;

            if (Continuation is null && Debug is null && cell.Mailbox.First is CastBatch batch && !CastIsAsync)
            {
                _casts = batch;
                HandleCasts(cell, batch);
                (_casts, _last) = (null, batch.Leave());
                continue;
            }

            cell.Budget--;

            if (Continuation is { } with)
            {
                Continuation = null;
                ForgetBefore();
                HandleContinuation(cell, with);
                continue;
            }

            var message = (Message)cell.Mailbox.Dequeue()!;

            if (message is PendingCall { Content: SystemRequest system } systemCall)
            {
                system.Act(cell, this, systemCall);
                RestartIdle(cell);

                if (cell.Body != this)
                {
                    return cell.Body!.Step(cell);
                }

                continue;
            }

            // Most messages are of these types. Two comparisons show it, and they are not counted.
            if (message.GetType() != typeof(CastMessage) && message.GetType() != typeof(Message))
            {
                message.Taken();
            }

            if (Door.IsNeeded && !TryConvert(cell, ref message.Content, message as PendingCall))
            {
                continue;
            }

            _idleDeadline = long.MaxValue;
            LastMessage = message.Content;

            if (Spans.Listened && message is ISpanned spanned)
            {
                DispatchSpanned(cell, message, spanned.Sent);
            }
            else if (Debug is null)
            {
                Dispatch(cell, message);
            }
            else
            {
                DispatchWatched(cell, message);
            }
        }

        return handled;
    }

    /// <summary>Takes the next cast of a batch, which is the oldest message, and converts it to this code version.</summary>
    /// <returns>Null if it cannot be converted.</returns>
    protected object? Take(Cell cell, CastBatch batch)
    {
        cell.Budget--;
        var cast = cell.Mailbox.Take(batch);

        if (Door.IsNeeded)
        {
            if (!TryConvert(cell, ref cast, null))
            {
                return null;
            }

            batch.InHand = cast;
        }

        _idleDeadline = long.MaxValue;
        return cast;
    }

    /// <summary>Whether the next message belongs to the same batch, and nothing comes before it.</summary>
    protected bool GoesOn(Cell cell, CastBatch batch) =>
        cell.Mailbox.First == batch && cell.Budget > 0 && !cell.Busy && cell.Ending is null && Continuation is null && !IsStale;

    private void DispatchSpanned(Cell cell, Message message, ActivityContext sent)
    {
        var span = Spans.Handle(cell, message.Content, message is PendingCall, sent);

        if (Debug is null)
        {
            Dispatch(cell, message);
        }
        else
        {
            DispatchWatched(cell, message);
        }

        Spans.Leave(cell, span);
    }

    /// <summary>Handles the oldest message that a suspended process does not leave for later. Owner only.</summary>
    /// <returns>False if there is none.</returns>
    protected bool TakeSystemMessage(Cell cell)
    {
        switch (cell.Mailbox.Dequeue(static (message, parent) => message is PendingCall { Content: SystemRequest } || IsParentsEnd(message, parent), cell.Parent))
        {
            case PendingCall { Content: SystemRequest asked } waiting:
                asked.Act(cell, this, waiting);
                return true;
            case Message { Content: Exited { Reason: var parentsReason } }:
                // As in OTP, the only other message that it takes.
                Terminate(cell, parentsReason);
                return true;
            default:
                return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Dispatch(Cell cell, Message message)
    {
        switch (message)
        {
            case CastMessage:
                Handle(cell, message.Content, isCast: true);
                break;
            case PendingCall call:
                // Carried out even if its caller has given up, as in OTP: it may be a command that others rely on.
                _call = call;
                HandleCall(cell, call.Content);
                break;
            case Marker marker:
                marker.Reach();
                break;
            case { Content: Exited { Reason: var reason } } when IsParentsEnd(message, cell.Parent):
                Terminate(cell, reason);
                break;
            default:
                Handle(cell, message.Content, isCast: false);
                break;
        }
    }

    private void DispatchWatched(Cell cell, Message message)
    {
        Debug!.Begin(cell, message);
        Dispatch(cell, message);

        if (!cell.Busy)
        {
            Debug.Finish(cell, this);
        }
    }

    private static bool IsParentsEnd(Envelope message, Cell? parent) =>
        parent is not null && message is Message { Content: Exited { Pid.Cell: { } ended } } && ended == parent;

    // A message that cannot be converted never costs its receiver its life: it is as if it had not arrived.
    private bool TryConvert(Cell cell, ref object content, PendingCall? call)
    {
        try
        {
            content = Door.Into(Version, content)!;
            return true;
        }
        catch (ConversionException exception)
        {
            if (call is not null)
            {
                call.Fail(NotConverted(cell, content, exception));
            }
            else
            {
                Unconverted.Lose(cell, this, content, exception);
            }

            return false;
        }
    }

    private CallFailedException NotConverted(Cell cell, object request, ConversionException exception)
    {
        cell.Node.Meter.Unconverted(ModuleName);
        return new(CallFailure.NotConverted, cell.Pid.ToString(), request, ExitReason.Error(exception));
    }

    internal sealed override InPlace HandleInPlace(Cell cell, object request, Func<object, Cell?, PendingCall> make, Cell? caller)
    {
        var body = this;

        if (IsStale)
        {
            if (!Move(cell))
            {
                return cell.Ending is { } reason ? new InPlace { Ended = reason } : Later(cell, request, make, caller);
            }

            body = (ServerBody)cell.Body!;

            if (!body.RunsInPlace)
            {
                // In the new code its calls are asynchronous, or the server is being debugged.
                return Later(cell, request, make, caller);
            }
        }

        if (Door.IsNeeded)
        {
            try
            {
                request = Door.Into(body.Version, request)!;
            }
            catch (ConversionException exception)
            {
                return new InPlace { Failed = body.NotConverted(cell, request, exception) };
            }
        }

        body._make = make;
        body._caller = caller;
        body._idleDeadline = long.MaxValue;
        body.LastMessage = request;

        // Passed on without being looked at, as in GenServer.Call.
        return body.HandleCallInPlace(cell, request);
    }

    // It waits its turn in the mailbox instead.
    private static InPlace Later(Cell cell, object request, Func<object, Cell?, PendingCall> make, Cell? caller)
    {
        var call = make(request, caller);
        call.Server = cell;
        cell.Enqueue(call);
        return new InPlace { Pending = call };
    }

    /// <summary>Forgets the caller of a call in place.</summary>
    /// <returns>The call, if the handler took the caller with From.</returns>
    protected PendingCall? ForgetCaller()
    {
        _make = null;
        _caller = null;
        return _call;
    }

    /// <summary>Passes the outcome to a caller that the handler took with From.</summary>
    protected InPlace Defer(Cell cell, PendingCall taken, InPlace outcome)
    {
        _call = null;

        if (outcome.Pending is NoReplyYet)
        {
            Owe(cell, taken);
        }
        else if (outcome.Ended is null)
        {
            taken.Reply(outcome.Reply, outcome.Bits);
        }
        else
        {
            taken.Fail(CallFailure.Ended, outcome.Ended);
        }

        return new InPlace { Pending = taken };
    }

    /// <summary>Stands for "no reply" until the call in place is turned into one that waits.</summary>
    protected sealed class NoReplyYet() : PendingCall("", null)
    {
        internal static readonly NoReplyYet Instance = new();

        internal override void Complete()
        {
        }
    }

    protected abstract InPlace HandleCallInPlace(Cell cell, object request);

    /// <summary>The current caller as a From, to be answered later. Owner only, within HandleCall.</summary>
    internal From TakeFrom(Cell cell)
    {
        _call ??= _make?.Invoke(LastMessage!, _caller);

        if (_call is not { } call)
        {
            throw new InvalidOperationException("From is available only in HandleCall, before its first await.");
        }

        call.Server = cell;
        return new From(call);
    }

    /// <summary>Turns a call in place that has no reply yet into one that waits.</summary>
    protected InPlace NoReplyInPlace(Cell cell)
    {
        TakeFrom(cell);
        return new InPlace { Pending = NoReplyYet.Instance };
    }

    /// <summary>Answers the current call, or keeps it as owed.</summary>
    protected void Settle<TState>(Cell cell, in Answer<TState> answer)
    {
        if (_call is not { } call)
        {
            return;
        }

        if (answer.Replies)
        {
            if (answer.Ending is { } reason)
            {
                Module.OnLastReply(cell, reason);
            }

            _call = null;
            call.Reply(answer.ReplyObject, answer.ReplyBits);
        }
        else if (answer.Ending is null)
        {
            _call = null;
            Owe(cell, call);
        }
    }

    private static void Owe(Cell cell, PendingCall call)
    {
        // A reply may be owed as long as the server lives. It must not keep the code version of its request in memory.
        if (call.Content is not string)
        {
            call.Content = call.Content.GetType().Name;
        }

        cell.Bonds.Owe(call);
    }

    /// <summary>Makes a process that ran something else run this body from now on. Owner only.</summary>
    /// <param name="cell">The process.</param>
    /// <param name="idle">If nothing arrives within this time, HandleInfo gets the time-out.</param>
    /// <param name="with">What to continue with; null for nothing.</param>
    internal void EnterLoop(Cell cell, TimeSpan idle, object? with)
    {
        Continuation = with;
        SetIdle(cell, idle);
    }

    /// <summary>Cancels the time-out.</summary>
    protected void ForgetIdle() => _idleDeadline = long.MaxValue;

    protected void SetIdle(Cell cell, TimeSpan idle)
    {
        _idle = idle;
        _idleDeadline = long.MaxValue;

        if (idle != Timeout.InfiniteTimeSpan)
        {
            _idleDeadline = cell.Node.Timers.After(idle);
            cell.Arm(_idleDeadline);
        }
    }

    // Any system message restarts the time-out. It does not run while the process is suspended.
    internal void RestartIdle(Cell cell)
    {
        if (_idleDeadline != long.MaxValue)
        {
            SetIdle(cell, _idle);
        }
    }

    internal sealed override void DeadlinePassed(Cell cell, long now)
    {
        if (_idleDeadline == long.MaxValue || cell.Suspended)
        {
            return;
        }

        if (_idleDeadline > now)
        {
            cell.Arm(_idleDeadline);
        }
        else if (!cell.HasMessages)
        {
            _idleDeadline = long.MaxValue;
            cell.Enqueue(new Message(IdleTimeout.Message));
        }
    }

    protected ExitReason Crash(Cell cell, Exception exception)
    {
        if (cell.IsKilled)
        {
            return cell.Ending = ExitReason.Killed;
        }

        var reason = ExitException.ReasonOf(exception);
        CrashReport.Write(cell, reason, LastMessage);

        if (exception is ConversionException)
        {
            cell.Node.Meter.Unconverted(ModuleName);
        }

        Terminate(cell, reason);
        return reason;
    }

    internal sealed override void Ended(Cell cell, ExitReason reason)
    {
        _call?.Fail(CallFailure.Ended, reason);
        _call = null;
        cell.StopSpan(reason);
    }

    public override string ToString() => $"{ModuleName} in {Version?.ToString() ?? "code that is not hot"}";
}
