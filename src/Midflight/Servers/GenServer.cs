using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Starting, calling and casting to servers: the client side, which is the same for every server.</summary>
public abstract partial class GenServer : Behaviour
{
    // Nested calls in place. Deeper ones are queued, so that the stack is bounded.
    private const int MaxDepth = 16;

    private protected GenServer()
    {
    }

    /// <summary>How long a call waits for its reply by default: 5 s, as in OTP.</summary>
    public static TimeSpan DefaultCallTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Sends a request to a server and waits for its reply.</summary>
    /// <param name="server">Pid or registered name.</param>
    /// <param name="request">Any message that the server understands.</param>
    /// <param name="timeout">
    /// Longest wait; <see cref="Timeout.InfiniteTimeSpan"/> waits forever. Default: <see cref="DefaultCallTimeout"/>, 5 s.
    /// </param>
    /// <returns>The reply. One that arrives after <paramref name="timeout"/> is dropped.</returns>
    /// <exception cref="CallFailedException">
    /// There is no such process, it ended before replying, or the wait timed out; <c>Failure</c> says which.
    /// </exception>
    /// <remarks>
    /// Requests from one process to one server are handled in the order sent. An idle server runs on the caller's
    /// thread: nothing is queued, and no thread switch happens.
    /// </remarks>
    // Neither this method nor those it calls are inlined. Otherwise the result would be copied as a block right after its parts were written, and
    // a processor waits until such parts are in its cache. So each call on the way passes on where the reply goes.
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

    /// <summary>Sends a request to a server and waits for its reply, or until the wait is cancelled.</summary>
    /// <inheritdoc cref="Call{TReply}(ServerRef, object, TimeSpan?)"/>
    /// <param name="server">Pid or registered name.</param>
    /// <param name="request">Any message that the server understands.</param>
    /// <param name="timeout">Longest wait: null is <see cref="DefaultCallTimeout"/>, 5 s; <see cref="Timeout.InfiniteTimeSpan"/> waits forever.</param>
    /// <param name="cancellation">Ends the wait. The server may still handle the request; its reply is dropped.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static ValueTask<TReply> Call<TReply>(ServerRef server, object request, TimeSpan? timeout, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TReply>(cancellation);
        }

        // A call that can be cancelled waits its turn, because a call on the caller's own thread could not be abandoned.
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

    // Asynchronous, so that the span is current only for the server, and the caller's own span is current again when this returns.
    private static async ValueTask<TReply> Spanned<TReply>(Cell cell, object request, TimeSpan? timeout, CancellationToken cancellation = default)
    {
        var span = Spans.Send(ActivityKind.Client, cell, request);

        try
        {
            // A caller that is a process still continues in its slice.
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

    /// <summary>A call that waits its turn in the mailbox, whether or not the process is idle.</summary>
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

        // A caller that is a process still continues in its slice.
        return await replying.ConfigureAwait(false);
    }

    /// <summary>Sets how long a caller waits for a call that it is about to send. Owner of the caller only.</summary>
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
        // An exception that nothing nearer caught ends the server. The caller's thread continues as the caller.
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

    /// <summary>Sends a message to a server without waiting. If the server has ended, or nobody has the name, this does nothing.</summary>
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

    /// <summary>Sends one request to many servers and waits for all their replies: OTP's <c>multi_call</c>, on one node.</summary>
    /// <param name="servers">Pids or registered names.</param>
    /// <param name="request">Any message that the servers understand.</param>
    /// <param name="timeout">Longest wait for all of them together. Default: <see cref="DefaultCallTimeout"/>, 5 s.</param>
    /// <returns>The replies, and the servers that gave none. A server's failure is not an exception.</returns>
    /// <remarks>All servers are asked before the first reply is awaited. A late reply is dropped.</remarks>
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

    /// <summary>Answers a caller whose request got <c>NoReply</c>. Only the first answer counts; a late one is dropped.</summary>
    public static void Reply<TReply>(From from, TReply reply)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        from.Call?.Reply(packed, bits);
    }
}

/// <summary>A server: a process that holds a state and answers requests, one at a time. This is OTP's gen_server.</summary>
/// <typeparam name="TState">
/// The state. Use an immutable record, because a failed upgrade can restore it. It is converted by shape when the process
/// moves to another code version.
/// </typeparam>
/// <remarks>
/// Override a callback or its <c>Async</c> variant, not both. While an asynchronous callback runs, messages wait. An exception ends
/// the server with a crash report, and its callers fail with it.
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

    /// <summary>For a kind of behaviour in which one callback decides.</summary>
    private protected GenServer(bool isAsync) => _callIsAsync = CastIsAsync = _infoIsAsync = isAsync;

    internal bool CallIsAsync => _callIsAsync;

    // Set by a kind of server that passes its casts to a callback of its own.
    internal bool CastIsAsync { get; private protected init; }

    internal bool InfoIsAsync => _infoIsAsync;

    internal sealed override Type StateType => typeof(TState);

    internal sealed override ServerBody CreateBody() => new ServerBody<TState>(this, default!);

    internal sealed override ServerBody CreateBody(object? state) => new ServerBody<TState>(this, (TState)state!);

    /// <summary>Creates the first state. Override this or <see cref="InitAsync"/>.</summary>
    protected virtual Started<TState> Init(object? argument) => throw new NotImplementedException(
        $"{GetType().FullName} overrides neither Init nor InitAsync. Override one of them to make the first state.");

    /// <inheritdoc cref="Init"/>
    protected virtual ValueTask<Started<TState>> InitAsync(object? argument) => new(Init(argument));

    /// <summary>Handles a request whose caller waits.</summary>
    protected virtual Answer<TState> HandleCall(object request, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not understand the call {request}. Add it to HandleCall.");

    /// <inheritdoc cref="HandleCall"/>
    protected virtual ValueTask<Answer<TState>> HandleCallAsync(object request, TState state) => new(HandleCall(request, state));

    /// <summary>Handles a cast.</summary>
    protected virtual Answer<TState> HandleCast(object message, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not understand the cast {message}. Add it to HandleCast.");

    /// <inheritdoc cref="HandleCast"/>
    protected virtual ValueTask<Answer<TState>> HandleCastAsync(object message, TState state) => new(HandleCast(message, state));

    /// <summary>Handles any other message: a plain send, <see cref="Down"/>, <see cref="Exited"/>, <see cref="IdleTimeout"/>. The default logs it.</summary>
    [MethodImpl(Inlining.NotIntoHotCode)]
    protected virtual Answer<TState> HandleInfo(object message, TState state)
    {
        ServerLog.UnexpectedMessage(Process.Here.Node.Logger, Process.Self, GetType().FullName!, message);
        return NoReply(state);
    }

    /// <inheritdoc cref="HandleInfo"/>
    protected virtual ValueTask<Answer<TState>> HandleInfoAsync(object message, TState state) => new(HandleInfo(message, state));

    /// <summary>Called after an answer with <see cref="Answer{TState}.Continue"/>.</summary>
    protected virtual ValueTask<Answer<TState>> HandleContinueAsync(object with, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not override HandleContinueAsync, but a result continued with {with}.");

    /// <summary>Cleans up. Called when a callback stops the server or throws, and, if it traps exits, when its parent ends.</summary>
    protected virtual void Terminate(ExitReason reason, TState state)
    {
    }

    /// <inheritdoc cref="Terminate"/>
    protected virtual ValueTask TerminateAsync(ExitReason reason, TState state)
    {
        Terminate(reason, state);
        return ValueTask.CompletedTask;
    }

    /// <summary>The part of a code change that goes beyond the shape: side effects, and use of <paramref name="extra"/>.</summary>
    /// <param name="from">The old version; or <c>Down</c> and the version being downgraded to, and then this runs in the newer code.</param>
    /// <param name="state">The state, already converted to this version's type.</param>
    /// <param name="extra">The extra of the upgrade instruction; null otherwise.</param>
    /// <returns>The state to continue with. An exception fails the code change, and the old state stays.</returns>
    protected virtual TState CodeChange(OldVsn from, TState state, object? extra) => state;

    /// <summary>The state as shown in status reports and crash reports. Leave out secrets here.</summary>
    protected virtual object? FormatStatus(TState state) => state;

    /// <summary>How many messages may wait for the server. Default: null, no limit.</summary>
    /// <remarks>
    /// Read when a process starts and when it has moved to another code version. If there was no limit before, messages already waiting do not count. If it throws,
    /// the start fails; in another code version, the limit stays as it was.
    /// </remarks>
    protected virtual MailboxLimit? MailboxLimit => null;

    /// <summary>The caller of the current request, to answer later with <c>Reply(from, …)</c>.</summary>
    /// <exception cref="InvalidOperationException">No call is being handled.</exception>
    protected static From From => Process.Here.Body is ServerBody body ? body.TakeFrom(Process.Here) : throw new InvalidOperationException("From is available only in HandleCall.");

    /// <summary>Replies to the caller and continues with a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Answer<TState> Reply<TReply>(TReply reply, TState state)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        return new(state, replies: true, packed, bits);
    }

    /// <summary>Continues with a state. The caller, if there is one, is answered later or never.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Answer<TState> NoReply(TState state) => new(state);

    /// <summary>Ends the server, after calling Terminate.</summary>
    protected static Answer<TState> Stop(ExitReason reason, TState state) => new(state, ending: reason);

    /// <summary>Replies to the caller, then ends the server, after calling Terminate.</summary>
    protected static Answer<TState> Stop<TReply>(ExitReason reason, TReply reply, TState state)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        return new(state, replies: true, packed, bits, reason);
    }

    /// <summary>From Init: the server does not start, and this is not a failure.</summary>
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
