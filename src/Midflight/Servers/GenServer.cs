using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Starting, calling and casting to servers: the client's side, the same for every server.</summary>
public abstract partial class GenServer : Behaviour
{
    // Calls in place within calls in place. Deeper ones are queued, so that the stack has a bound.
    private const int MaxDepth = 16;

    private protected GenServer()
    {
    }

    /// <summary>How long a call waits for its reply unless it says otherwise: 5 s, as in OTP.</summary>
    public static TimeSpan DefaultCallTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Sends a request to a server and waits for its reply.</summary>
    /// <param name="server">Pid or registered name.</param>
    /// <param name="request">Any message that the server understands.</param>
    /// <param name="timeout">
    /// Longest wait; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. Default: <see cref="DefaultCallTimeout"/>, 5 s.
    /// </param>
    /// <returns>The reply. One that arrives after <paramref name="timeout"/> is dropped.</returns>
    /// <exception cref="CallFailedException">
    /// No such process, it ended before replying, or the wait ran out; <c>Failure</c> says which.
    /// </exception>
    /// <remarks>
    /// Requests from one process to one server are handled in the order sent. A server that rests is run on the caller's
    /// thread: nothing is queued and no thread changes hands.
    /// </remarks>
    // Neither this nor what it calls is inlined: what they return would be copied as a block right after its parts were written, for which
    // a processor has to wait until they are in its cache. So each of the calls on the way hands on where the reply goes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ValueTask<TReply> Call<TReply>(ServerRef server, object request, TimeSpan? timeout = null)
    {
        var cell = server.Find();

        if (cell is null)
        {
            Spans.Stop(Spans.Send(ActivityKind.Client, null, request), nameof(CallFailure.NoProcess));
            return ValueTask.FromException<TReply>(new CallFailedException(CallFailure.NoProcess, server.ToString(), request, null));
        }

        return Spans.Listened ? Spanned<TReply>(cell, request, timeout) : Send<TReply>(cell, request, timeout, null);
    }

    /// <summary>Sends a request to a server and waits for its reply, until that is cancelled.</summary>
    /// <inheritdoc cref="Call{TReply}(ServerRef, object, TimeSpan?)"/>
    /// <param name="server">Pid or registered name.</param>
    /// <param name="request">Any message that the server understands.</param>
    /// <param name="timeout">As well: null is <see cref="DefaultCallTimeout"/>, 5 s; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="cancellation">Ends the wait. The request may be carried out all the same, and its reply is dropped.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static ValueTask<TReply> Call<TReply>(ServerRef server, object request, TimeSpan? timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TReply>(cancellation);
        }

        // One that can be cancelled waits its turn: what runs on the caller's own thread could not be given up.
        return !cancellation.CanBeCanceled || server.Find() is not { } cell ? Call<TReply>(server, request, timeout)
            : Spans.Listened ? Spanned<TReply>(cell, request, timeout, cancellation)
            : Queue<TReply>(cell, request, Cell.Current, timeout, null, cancellation);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask<TReply> Send<TReply>(Cell cell, object request, TimeSpan? timeout, Activity? span)
    {
        var context = SynchronizationContext.Current;
        var caller = context as Cell;

        if (caller is null ? cell.TryEnter() : --caller.Budget > 0 && caller.Depth < MaxDepth && cell.TryEnter())
        {
            return InPlace<TReply>(cell, request, context, caller, timeout, span);
        }

        if (caller is not null && !cell.Rests)
        {
            Scheduler.Waits(caller);
        }

        return Queue<TReply>(cell, request, caller, timeout, span);
    }

    // Asynchronous, so that the span is current for the server only, and what the caller had is current again when this returns.
    private static async ValueTask<TReply> Spanned<TReply>(Cell cell, object request, TimeSpan? timeout, CancellationToken cancellation = default)
    {
        var span = Spans.Send(ActivityKind.Client, cell, request);

        try
        {
            // A caller that is a process is continued in its slice all the same.
            var sending = cancellation.CanBeCanceled
                ? Queue<TReply>(cell, request, Cell.Current, timeout, Activity.Current, cancellation)
                : Send<TReply>(cell, request, timeout, Activity.Current);
            var reply = await sending.ConfigureAwait(false);
            Spans.Stop(span);
            return reply;
        }
        catch (Exception exception)
        {
            Spans.Stop(span, exception is CallFailedException { Failure: var failure, Reason: var reason } ? reason?.ToString() ?? failure.ToString() : exception.Message);
            throw;
        }
    }

    /// <summary>A call that waits its turn in the mailbox, whether the process rests or not.</summary>
    [MethodImpl(Inlining.NotIntoHotCode)]
    internal static ValueTask<TReply> Ask<TReply>(ServerRef server, object request, TimeSpan? timeout, CancellationToken cancellation = default)
    {
        if (server.Find() is not { } cell)
        {
            return ValueTask.FromException<TReply>(new CallFailedException(CallFailure.NoProcess, server.ToString(), request, null));
        }

        return cell.Body is FunctionBody { IsSpecial: false }
            ? ValueTask.FromException<TReply>(new CallFailedException(CallFailure.NotServed, server.ToString(), request, null))
            : Queue<TReply>(cell, request, Cell.Current, timeout, null, cancellation);
    }

    private static ValueTask<TReply> Queue<TReply>(
        Cell cell, object request, Cell? caller, TimeSpan? timeout, Activity? span, CancellationToken cancellation = default)
    {
        if (caller == cell)
        {
            throw new InvalidOperationException($"Process {cell.Pid} calls itself and would wait forever. Call the function directly, or cast.");
        }

        var call = span is null ? new PendingCall<TReply>(request, caller) : new SpannedCall<TReply>(request, caller, span.Context);
        call.Server = cell;
        Wait(call, caller, cell, timeout);
        var task = call.Task;
        cell.Post(call);
        return cancellation.CanBeCanceled ? Cancellable(call, task, cancellation) : task;
    }

    private static async ValueTask<TReply> Cancellable<TReply>(PendingCall call, ValueTask<TReply> replying, CancellationToken cancellation)
    {
        using var cancelling = call.FailOn(cancellation);

        // A caller that is a process is continued in its slice all the same.
        return await replying.ConfigureAwait(false);
    }

    /// <summary>Says how long a caller waits for a call that it is about to send. Owner of the caller only.</summary>
    internal static void Wait(PendingCall call, Cell? caller, Cell server, TimeSpan? timeout)
    {
        call.Timeout = timeout ?? DefaultCallTimeout;

        if (caller is null)
        {
            if (call.Timeout != Timeout.InfiniteTimeSpan)
            {
                call.WaitUntil(server.Node.Timers.After(call.Timeout), server.Node.Timers);
            }

            return;
        }

        caller.Calls.Add(call);

        if (call.Timeout != Timeout.InfiniteTimeSpan)
        {
            call.Deadline = caller.Node.Timers.After(call.Timeout);
            caller.Arm(call.Deadline);
        }
    }

    private static ValueTask<TReply> InPlace<TReply>(
        Cell cell, object request, SynchronizationContext? context, Cell? caller, TimeSpan? timeout, Activity? span)
    {
        var guest = caller is null ? Runner.Enter(cell) : null;
        var flow = Flow.Suspend();
        SynchronizationContext.SetSynchronizationContext(cell);
        cell.Depth = (byte)((caller?.Depth ?? 0) + 1);
        cell.Budget = Cell.SliceBudget;
        cell.Reductions++;
        var handling = span is null ? null : Spans.Handle(cell, request, isCall: true, span.Context);

        InPlace outcome;

        try
        {
            outcome = cell.Body!.HandleInPlace(cell, request, PendingCall<TReply>.Make, caller);
        }
        // What no nearer place caught ends the server; the caller's thread goes on as the caller.
        catch (Exception exception)
        {
            cell.Fault(exception);
            outcome = new InPlace { Ended = cell.Ending };
        }

        if (handling is not null)
        {
            Spans.Leave(cell, handling);
        }

        if (caller is not null)
        {
            cell.LeaveInPlace(caller);
        }
        else
        {
            cell.Leave();
        }

        SynchronizationContext.SetSynchronizationContext(context);
        flow.Restore();
        guest?.Exit();

        if (outcome.Pending is PendingCall<TReply> pending)
        {
            Wait(pending, caller, cell, timeout);
            return pending.Task;
        }

        if (outcome.Failed is { } failed)
        {
            return ValueTask.FromException<TReply>(failed);
        }

        return outcome.Ended is { } reason
            ? ValueTask.FromException<TReply>(new CallFailedException(CallFailure.Ended, cell.Pid.ToString(), request, Door.Into(caller?.Body?.Version, reason)))
            : new(Unboxed<TReply>.Unpack(outcome.Reply, outcome.Bits, caller));
    }

    /// <summary>Sends a message to a server and does not wait. To one that has ended, or a name that no one has, it does nothing.</summary>
    public static void Cast(ServerRef server, object message)
    {
        ArgumentNullException.ThrowIfNull(message);

        if (server.Find() is not { } cell)
        {
            return;
        }

        if (Spans.Listened)
        {
            Spanned(cell, message);
        }
        else
        {
            cell.PostCast(message);
        }
    }

    private static void Spanned(Cell cell, object message)
    {
        var span = Spans.Send(ActivityKind.Producer, cell, message);

        if (Activity.Current is { } current)
        {
            var gauge = cell.Gauge;
            var cast = new SpannedCast(message, current.Context, gauge);

            if (gauge?.Lets(cast) is not false)
            {
                cell.Post(cast);
            }
        }
        else
        {
            cell.PostCast(message);
        }

        Spans.Stop(span);
    }

    /// <summary>Sends one request to many servers, and waits for all of their replies: OTP's <c>multi_call</c>, on one node.</summary>
    /// <param name="servers">Pids or registered names.</param>
    /// <param name="request">Any message that they understand.</param>
    /// <param name="timeout">Longest wait for all of them together. Default: <see cref="DefaultCallTimeout"/>, 5 s.</param>
    /// <returns>The replies, and which servers gave none. No failure of a server is an exception.</returns>
    /// <remarks>All are asked before the first reply is waited for. A reply that comes too late is dropped.</remarks>
    public static async ValueTask<MultiReply<TReply>> MultiCall<TReply>(IEnumerable<ServerRef> servers, object request, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(servers);
        var calls = servers.Select(server => (Server: server, Reply: Call<TReply>(server, request, timeout).AsTask())).ToList();
        var replies = new List<(ServerRef, TReply)>(calls.Count);
        var failures = new List<(ServerRef, CallFailedException)>();

        foreach (var (server, reply) in calls)
        {
            try
            {
                replies.Add((server, await reply));
            }
            catch (CallFailedException failure)
            {
                failures.Add((server, failure));
            }
        }

        return new(replies, failures);
    }

    /// <summary>Answers a caller whose request got <c>NoReply</c>. The first answer counts; one that comes too late is dropped.</summary>
    public static void Reply<TReply>(From from, TReply reply)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        from.Call?.Reply(packed, bits);
    }
}

/// <summary>A server: a process that holds a state and answers requests, one at a time. OTP's gen_server.</summary>
/// <typeparam name="TState">
/// The state. An immutable record is best: it is what a failed upgrade can put back. It is converted by shape when the process
/// moves to another code version.
/// </typeparam>
/// <remarks>
/// Override the callback or its <c>Async</c> twin, not both. While an asynchronous callback runs, messages wait. An exception ends
/// the server with a crash report; its callers fail with it.
/// </remarks>
public abstract class GenServer<TState> : GenServer
{
    private readonly bool _callIsAsync;
    private readonly bool _infoIsAsync;

    /// <summary>Called once for each code version.</summary>
    protected GenServer()
    {
        _callIsAsync = Overrides(nameof(HandleCallAsync), typeof(GenServer<>));
        CastIsAsync = Overrides(nameof(HandleCastAsync), typeof(GenServer<>));
        _infoIsAsync = Overrides(nameof(HandleInfoAsync), typeof(GenServer<>));
    }

    /// <summary>For a kind of behaviour whose one callback decides.</summary>
    private protected GenServer(bool isAsync) => _callIsAsync = CastIsAsync = _infoIsAsync = isAsync;

    internal bool CallIsAsync => _callIsAsync;

    // Set by a kind of server that gives its casts to a callback of its own.
    internal bool CastIsAsync { get; private protected init; }

    internal bool InfoIsAsync => _infoIsAsync;

    internal sealed override Type StateType => typeof(TState);

    internal sealed override ServerBody CreateBody() => new ServerBody<TState>(this, default!);

    internal sealed override ServerBody CreateBody(object? state) => new ServerBody<TState>(this, (TState)state!);

    /// <summary>Makes the first state. Override this or <see cref="InitAsync"/>.</summary>
    protected virtual Started<TState> Init(object? argument) => throw new NotImplementedException(
        $"{GetType().FullName} overrides neither Init nor InitAsync. Override one of them to make the first state.");

    /// <inheritdoc cref="Init"/>
    protected virtual ValueTask<Started<TState>> InitAsync(object? argument) => new(Init(argument));

    /// <summary>Handles a request of a caller who waits.</summary>
    protected virtual Answer<TState> HandleCall(object request, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not understand the call {request}. Add it to HandleCall.");

    /// <inheritdoc cref="HandleCall"/>
    protected virtual ValueTask<Answer<TState>> HandleCallAsync(object request, TState state) => new(HandleCall(request, state));

    /// <summary>Handles a cast.</summary>
    protected virtual Answer<TState> HandleCast(object message, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not understand the cast {message}. Add it to HandleCast.");

    /// <inheritdoc cref="HandleCast"/>
    protected virtual ValueTask<Answer<TState>> HandleCastAsync(object message, TState state) => new(HandleCast(message, state));

    /// <summary>Handles any other message: a plain send, <see cref="Down"/>, <see cref="Exited"/>, <see cref="IdleTimeout"/>. By default it is logged.</summary>
    [MethodImpl(Inlining.NotIntoHotCode)]
    protected virtual Answer<TState> HandleInfo(object message, TState state)
    {
        ServerLog.UnexpectedMessage(Process.Here.Node.Logger, Process.Self, GetType().FullName!, message);
        return NoReply(state);
    }

    /// <inheritdoc cref="HandleInfo"/>
    protected virtual ValueTask<Answer<TState>> HandleInfoAsync(object message, TState state) => new(HandleInfo(message, state));

    /// <summary>Goes on after an answer that said <see cref="Answer{TState}.Continue"/>.</summary>
    protected virtual ValueTask<Answer<TState>> HandleContinueAsync(object with, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not override HandleContinueAsync, but a result continued with {with}.");

    /// <summary>Tidies up: when a callback stops the server or throws, and when it traps exits and its parent ends.</summary>
    protected virtual void Terminate(ExitReason reason, TState state)
    {
    }

    /// <inheritdoc cref="Terminate"/>
    protected virtual ValueTask TerminateAsync(ExitReason reason, TState state)
    {
        Terminate(reason, state);
        return ValueTask.CompletedTask;
    }

    /// <summary>What is more than shape in a change of code: side effects, and use of <paramref name="extra"/>.</summary>
    /// <param name="from">The version left; or <c>Down</c> and the version gone to, and then this runs in the newer code.</param>
    /// <param name="state">The state, already converted to this version's type.</param>
    /// <param name="extra">What the upgrade instruction says; null otherwise.</param>
    /// <returns>The state to go on with. An exception fails the change of code, and the old state stays.</returns>
    protected virtual TState CodeChange(OldVsn from, TState state, object? extra) => state;

    /// <summary>The state as status reports and crash reports show it; leave secrets out here.</summary>
    protected virtual object? FormatStatus(TState state) => state;

    /// <summary>How many messages may wait for the server. Default: null, no limit.</summary>
    /// <remarks>
    /// Asked when a process starts, and when it has come to another code version. What waits already is not counted where there was no limit before. Where it throws
    /// the start fails; in another code version the limit stays what it was.
    /// </remarks>
    protected virtual MailboxLimit? MailboxLimit => null;

    /// <summary>The caller of the request in hand, to be answered later with <c>Reply(from, …)</c>.</summary>
    /// <exception cref="InvalidOperationException">No call is in hand.</exception>
    protected static From From => Process.Here.Body is ServerBody body ? body.TakeFrom(Process.Here) : throw new InvalidOperationException("From is available only in HandleCall.");

    /// <summary>Replies to the caller and goes on with a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Answer<TState> Reply<TReply>(TReply reply, TState state)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        return new(state, replies: true, packed, bits);
    }

    /// <summary>Goes on with a state. A caller, if there is one, is answered later, or never.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Answer<TState> NoReply(TState state) => new(state);

    /// <summary>Ends the server, after Terminate.</summary>
    protected static Answer<TState> Stop(ExitReason reason, TState state) => new(state, ending: reason);

    /// <summary>Replies to the caller, then ends the server, after Terminate.</summary>
    protected static Answer<TState> Stop<TReply>(ExitReason reason, TReply reply, TState state)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        return new(state, replies: true, packed, bits, reason);
    }

    /// <summary>From Init: the server does not start, and that is no failure.</summary>
    protected static Started<TState> Ignore() => new(default, true);

    /// <summary>From Init: the server does not start, for this reason.</summary>
    protected static Started<TState> Refuse(ExitReason reason) => new(new Answer<TState>(default!, ending: reason), false);

    internal virtual ValueTask<Started<TState>> OnInit(object? argument) => InitAsync(argument);

    internal Answer<TState> OnCall(object request, TState state) => HandleCall(request, state);

    internal ValueTask<Answer<TState>> OnCallAsync(object request, TState state) => HandleCallAsync(request, state);

    internal Answer<TState> OnCast(object message, TState state) => HandleCast(message, state);

    internal ValueTask<Answer<TState>> OnCastAsync(object message, TState state) => HandleCastAsync(message, state);

    internal Answer<TState> OnInfo(object message, TState state) => HandleInfo(message, state);

    internal ValueTask<Answer<TState>> OnInfoAsync(object message, TState state) => HandleInfoAsync(message, state);

    internal ValueTask<Answer<TState>> OnContinue(object with, TState state) => HandleContinueAsync(with, state);

    internal ValueTask OnTerminate(ExitReason reason, TState state) => TerminateAsync(reason, state);

    internal TState OnCodeChange(OldVsn from, TState state, object? extra) => CodeChange(from, state, extra);

    internal object? OnFormatStatus(TState state) => FormatStatus(state);

    internal MailboxLimit? Limit => MailboxLimit;
}
