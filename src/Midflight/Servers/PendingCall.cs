using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Midflight;

/// <summary>A call in progress: the request to the server, then the reply to the caller, in one object.</summary>
/// <remarks>
/// <para>States of <see cref="_state"/>:</para>
/// <code>
/// sent ── reply, failure ──▶ replied          by whoever replies, once
/// sent ── time ran out ────▶ replied          by the caller; a reply that comes later is dropped
/// </code>
/// <para>
/// If the caller is a process, the replied call goes to the caller's mailbox as a signal, so its continuation runs in the
/// caller's slice. Any other caller continues on the thread pool.
/// </para>
/// </remarks>
internal abstract class PendingCall(object request, Cell? caller) : Message(request)
{
    private int _state;

    internal readonly Cell? Caller = caller;
    internal Cell? Server;

    // Neighbours in the caller's list of pending calls; owned by the caller.
    internal PendingCall? NextOfCaller;
    internal PendingCall? PreviousOfCaller;
    internal long Deadline = long.MaxValue;
    internal TimeSpan Timeout;

    // For a caller that is not a process.
    private CallTimeout? _timeout;

    // Of the reply, published by _state.
    private object? _reply;
    private long _bits;
    private Exception? _exception;

    internal object? ReplyObject => _reply;

    internal long ReplyBits => _bits;

    internal bool IsReply => Volatile.Read(ref _state) != 0;

    /// <summary>Whether a reply has arrived, in time and not as a failure.</summary>
    internal bool HasReply => Volatile.Read(ref _state) == 2 && _exception is null;

    internal void Reply(object? reply, long bits)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
        {
            (_reply, _bits) = (reply, bits);
            Volatile.Write(ref _state, 2);
            Deliver();
        }
    }

    internal void Fail(CallFailure failure, ExitReason? reason)
    {
        if (!IsReply)
        {
            Fail(new CallFailedException(failure, Server is null ? "<0>" : Server.Pid.ToString(), Content, reason, Timeout));
        }
    }

    internal void Fail(Exception exception)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
        {
            _exception = exception;
            Volatile.Write(ref _state, 2);
            Deliver();
        }
    }

    /// <summary>Makes the call fail when it is cancelled. The server may still handle the request.</summary>
    /// <returns>Dispose it when the reply has arrived.</returns>
    internal CancellationTokenRegistration FailOn(CancellationToken cancellation) => cancellation.UnsafeRegister(
        static (call, cancelled) => ((PendingCall)call!).Fail(new OperationCanceledException(cancelled)), this);

    private void Deliver()
    {
        if (Caller is { } caller)
        {
            // The object may still be in the server's mailbox (it timed out, or the server replied early). It can
            // be in only one queue, so another object carries the news there.
            caller.Post(new ReplySignal(this));
        }
        else
        {
            _timeout?.Drop();
            Complete();
        }
    }

    /// <summary>Lets a caller that is not a process wait until a point in time of the server's node.</summary>
    internal void WaitUntil(long due, Timers timers)
    {
        var timeout = new CallTimeout(this, timers);
        timers.Add(timeout, due);

        // The server may answer at this moment. It sets the state and then looks for the time-out; here it is the other way round.
        Interlocked.Exchange(ref _timeout, timeout);

        if (IsReply)
        {
            timeout.Drop();
        }
    }

    /// <summary>The caller's deadline has passed. Owner of the caller only.</summary>
    internal void TimeOut()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) == 0)
        {
            _exception = new CallFailedException(CallFailure.TimedOut, Server is null ? "<0>" : Server.Pid.ToString(), Content, null, Timeout);
            Volatile.Write(ref _state, 2);
            Complete();
        }
    }

    internal Exception? Exception => _exception;

    /// <summary>Continues the caller; in its slice, if it is a process.</summary>
    internal abstract void Complete();

    internal override void Undeliverable(ExitReason? reason) => Fail(reason is null ? CallFailure.NoProcess : CallFailure.Ended, reason);
}

/// <summary>Brings a reply into the caller's slice.</summary>
internal sealed class ReplySignal(PendingCall call) : Signal
{
    internal override void Act(Cell cell)
    {
        cell.Calls.Remove(call);
        call.Complete();
    }

    internal override bool RunsCode => true;
}

/// <summary>A call whose reply is of a type.</summary>
internal class PendingCall<T>(object request, Cell? caller) : PendingCall(request, caller), IValueTaskSource<T>
{
    /// <summary>Creates the call object that a call in place turns into when its reply comes later.</summary>
    internal static readonly Func<object, Cell?, PendingCall> Make = static (request, caller) => new PendingCall<T>(request, caller);

    private ManualResetValueTaskSourceCore<T> _core = new() { RunContinuationsAsynchronously = caller is null };

    internal ValueTask<T> Task => new(this, _core.Version);

    internal override void Complete()
    {
        if (Exception is { } exception)
        {
            _core.SetException(Door.Into(Caller?.Body?.Version, exception));
            return;
        }

        T reply;

        try
        {
            reply = Unboxed<T>.Unpack(ReplyObject, ReplyBits, Caller);
        }
        catch (Exception mismatch) when (mismatch is InvalidCastException or ConversionException)
        {
            _core.SetException(mismatch);
            return;
        }

        _core.SetResult(reply);
    }

    T IValueTaskSource<T>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        // A process is completed in its own slice, so its context is not needed as well.
        _core.OnCompleted(
            continuation, state, token, Caller is null ? flags : flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}

/// <summary>A call within a span.</summary>
internal sealed class SpannedCall<T>(object request, Cell? caller, ActivityContext sent) : PendingCall<T>(request, caller), ISpanned
{
    public ActivityContext Sent => sent;
}
