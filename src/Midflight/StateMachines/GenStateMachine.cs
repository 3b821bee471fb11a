namespace Midflight;

/// <summary>Starting, calling and casting to state machines works as for servers. This class adds the events that they handle.</summary>
public abstract partial class GenStateMachine : GenServer
{
    private protected GenStateMachine()
    {
    }

    /// <summary>Turns the process whose function ends in this into a state machine: OTP's <c>enter_loop</c>.</summary>
    /// <param name="state">The first state: there is no Init. It is entered, if <c>StateEnter</c> says so.</param>
    /// <param name="data">The first data.</param>
    /// <typeparam name="TMachine">The module.</typeparam>
    /// <typeparam name="TState">The type of its state.</typeparam>
    /// <typeparam name="TData">The type of its data.</typeparam>
    /// <returns>The value that the process function must end in.</returns>
    /// <remarks>See <see cref="GenServer.EnterLoop{TServer, TState}"/>.</remarks>
    public static Next EnterLoop<TMachine, TState, TData>(TState state, TData data)
        where TMachine : GenStateMachine<TState, TData> =>
        Loop<TMachine>((state, data), null, static module => module.OnStateEnter ? AfterInit.Enter : null);
}

/// <summary>A state machine: a process whose response to an event depends on its state. This is OTP's gen_statem.</summary>
/// <typeparam name="TState">
/// The state, compared by value: an enum, or a closed family of records. A change of state retries postponed events and cancels the state time-out.
/// </typeparam>
/// <typeparam name="TData">The machine's other data. Changing it is not a change of state. Use an immutable record.</typeparam>
/// <remarks>
/// <para>
/// There is one callback, as with OTP's <c>handle_event_function</c>. In C#, a <c>switch</c> over state and event is the machine's
/// table, and states that are records carry values, which names of functions could not. Give a state a function of its own if it
/// deserves one: <c>state switch { Locked => Locked(what, data), … }</c>.
/// </para>
/// <para>Override <see cref="Handle"/> or <see cref="HandleAsync"/>, not both. While an asynchronous callback runs, messages wait.</para>
/// <para>State, data, postponed events and the events of time-outs are converted when the process moves to another code version.</para>
/// </remarks>
/// <example>
/// <code>
/// protected override Transition&lt;Lock, string&gt; Handle(Lock state, Event what, string code) => (state, what) switch
/// {
///     (Lock.Locked, Event.Cast(Typed(var typed))) when typed == code => NextState(Lock.Open, code).StateTimeout(TimeSpan.FromSeconds(10)),
///     (Lock.Open, Event.StateTimeout) => NextState(Lock.Locked, code),
///     (Lock.Open, Event.Cast(Typed)) => KeepStateAndData().Postpone(),
///     (_, Event.Call("state")) => KeepStateAndData().Reply(state),
///     _ => base.Handle(state, what, code),
/// };
/// </code>
/// </example>
public abstract class GenStateMachine<TState, TData> : GenStateMachine
{
    /// <summary>Called once for each code version.</summary>
    protected GenStateMachine()
    {
        IsAsync = Overrides(nameof(HandleAsync), typeof(GenStateMachine<,>));
        Server = new(this);
    }

    internal bool IsAsync { get; }

    internal StateMachineServer<TState, TData> Server { get; }

    internal sealed override Type StateType => typeof((TState, TData));

    internal sealed override ServerBody CreateBody() => new StateMachineBody<TState, TData>(this, new());

    internal sealed override ServerBody CreateBody(object? state) => new StateMachineBody<TState, TData>(this, Machine<TState, TData>.Of(state));

    /// <summary>Whether entering a state, including the first one, raises an <c>Event.Enter</c>: OTP's state enter calls. Default: no.</summary>
    protected virtual bool StateEnter => false;

    /// <summary>Returns the first state and data, with <c>NextState</c>; or <c>Ignore</c>; or <c>Stop</c>, which refuses. Override this or <see cref="InitAsync"/>.</summary>
    protected virtual Transition<TState, TData> Init(object? argument) => throw new NotImplementedException(
        $"{GetType().FullName} overrides neither Init nor InitAsync. Override one of them to say the first state.");

    /// <inheritdoc cref="Init"/>
    protected virtual ValueTask<Transition<TState, TData>> InitAsync(object? argument) => new(Init(argument));

    /// <summary>Handles an event. The default logs an <c>Info</c> and ignores an <c>Enter</c>; any other event ends the machine.</summary>
    protected virtual Transition<TState, TData> Handle(TState state, Event what, TData data)
    {
        switch (what)
        {
            case Event.Enter:
                return KeepStateAndData();
            case Event.Info(var message):
                ServerLog.UnexpectedMessage(Process.Here.Node.Logger, Process.Self, GetType().FullName!, message);
                return KeepStateAndData();
            default:
                throw new NotSupportedException($"{GetType().FullName} does not understand {what} in the state {state}. Add it to Handle.");
        }
    }

    /// <inheritdoc cref="Handle"/>
    protected virtual ValueTask<Transition<TState, TData>> HandleAsync(TState state, Event what, TData data) => new(Handle(state, what, data));

    /// <summary>Cleans up. Called when a callback stops the machine or throws, and, if it traps exits, when its parent ends.</summary>
    protected virtual void Terminate(ExitReason reason, TState state, TData data)
    {
    }

    /// <inheritdoc cref="Terminate"/>
    protected virtual ValueTask TerminateAsync(ExitReason reason, TState state, TData data)
    {
        Terminate(reason, state, data);
        return ValueTask.CompletedTask;
    }

    /// <summary>The part of a code change that goes beyond the shape: side effects, and use of <paramref name="extra"/>.</summary>
    /// <param name="from">The old version; or <c>Down</c> and the version being downgraded to, and then this runs in the newer code.</param>
    /// <param name="state">The state, already converted to this version's type.</param>
    /// <param name="data">The data, likewise.</param>
    /// <param name="extra">The extra of the upgrade instruction; null otherwise.</param>
    /// <returns>State and data to continue with. This is not a change of state: nothing is entered or retried. An exception fails the code change.</returns>
    protected virtual (TState State, TData Data) CodeChange(OldVsn from, TState state, TData data, object? extra) => (state, data);

    /// <summary>State and data as shown in status reports and crash reports. Leave out secrets here.</summary>
    protected virtual object? FormatStatus(TState state, TData data) => (state, data);

    /// <summary>The caller of the current event, also a postponed one, to answer later with <c>Reply(from, …)</c>.</summary>
    /// <exception cref="InvalidOperationException">No call is being handled.</exception>
    protected static From From => Process.Here.Body is StateMachineBody<TState, TData> body
        ? body.From(Process.Here)
        : throw new InvalidOperationException("From is available only in Handle.");

    /// <summary>Goes to a state, or stays if it is the same state.</summary>
    protected static Transition<TState, TData> NextState(TState state, TData data) => new(TransitionKind.Next, state, data);

    /// <summary>Stays in the state, with new data.</summary>
    protected static Transition<TState, TData> KeepState(TData data) => new(TransitionKind.KeepState, default!, data);

    /// <summary>Keeps state and data.</summary>
    protected static Transition<TState, TData> KeepStateAndData() => new(TransitionKind.Keep, default!, default!);

    /// <summary>Stays in the state and enters it again. As in OTP, this is not a change of state: nothing is retried.</summary>
    protected static Transition<TState, TData> RepeatState(TData data) => new(TransitionKind.Repeat, default!, data);

    /// <summary>Ends the machine, after calling Terminate. From Init, it refuses to start.</summary>
    /// <remarks>Waiting callers, also of postponed calls, fail with the reason.</remarks>
    protected static Transition<TState, TData> Stop(ExitReason reason) => new(TransitionKind.Stop, default!, default!, reason);

    /// <summary>Ends the machine with new data, which Terminate gets: OTP's <c>{stop, Reason, NewData}</c>.</summary>
    /// <inheritdoc cref="Stop(ExitReason)"/>
    protected static Transition<TState, TData> Stop(ExitReason reason, TData data) => new(TransitionKind.StopWith, default!, data, reason);

    /// <summary>From Init: the machine does not start, and this is not a failure.</summary>
    protected static Transition<TState, TData> Ignore() => new(TransitionKind.Ignore, default!, default!);

    internal bool OnStateEnter => StateEnter;

    internal ValueTask<Transition<TState, TData>> OnInit(object? argument) => InitAsync(argument);

    internal ValueTask<Transition<TState, TData>> OnHandle(TState state, Event what, TData data) => HandleAsync(state, what, data);

    internal ValueTask OnTerminate(ExitReason reason, TState state, TData data) => TerminateAsync(reason, state, data);

    internal (TState State, TData Data) OnCodeChange(OldVsn from, TState state, TData data, object? extra) => CodeChange(from, state, data, extra);

    internal object? OnFormatStatus(TState state, TData data) => FormatStatus(state, data);
}
