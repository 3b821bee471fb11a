namespace Midflight;

/// <summary>The response of a state machine to an event: the next state and further actions.</summary>
/// <remarks>
/// <para>
/// Created by <c>NextState</c>, <c>KeepState</c>, <c>KeepStateAndData</c>, <c>RepeatState</c> and <c>Stop</c> of
/// <see cref="GenStateMachine{TState, TData}"/>. OTP's actions are added to it: <c>NextState(Open, data).Reply("ok").StateTimeout(time)</c>.
/// </para>
/// <para>
/// The order is OTP's: the reply is sent; the new state is entered; then come inserted events; then, if the state has changed, the
/// postponed events, oldest first; then time-outs of zero; then the mailbox.
/// </para>
/// </remarks>
public readonly struct Transition<TState, TData>
{
    internal readonly TransitionKind Kind;
    internal readonly TState State;
    internal readonly TData Data;
    internal readonly TransitionActions? Actions;
    internal readonly ExitReason? Ending;
    internal readonly object? ReplyObject;
    internal readonly long ReplyBits;
    internal readonly bool Replies;

    internal bool Ends => Kind is TransitionKind.Stop or TransitionKind.StopWith;

    internal Transition(TransitionKind kind, TState state, TData data, ExitReason? ending = null)
        : this(kind, state, data, ending, null, false, null, 0)
    {
    }

    private Transition(TransitionKind kind, TState state, TData data, ExitReason? ending, TransitionActions? actions, bool replies, object? reply, long bits)
    {
        (Kind, State, Data, Ending, Actions) = (kind, state, data, ending, actions);
        (Replies, ReplyObject, ReplyBits) = (replies, reply, bits);
    }

    /// <summary>Replies to the caller of the current event. To answer a caller kept with <c>From</c>, use <c>GenServer.Reply(from, …)</c>.</summary>
    public Transition<TState, TData> Reply<TReply>(TReply reply)
    {
        var packed = Unboxed<TReply>.Pack(reply, out var bits);
        return new(Kind, State, Data, Ending, Actions, true, packed, bits);
    }

    /// <summary>Postpones the event: it comes again after the next change of state.</summary>
    public Transition<TState, TData> Postpone() => With(new(Actions, TransitionAction.Postpone, null, null, default));

    /// <summary>Inserts an event before any waiting ones. Several come in the given order.</summary>
    /// <param name="next">The event. An <c>Event.Call</c> takes over the caller of the current call, who gets its reply.</param>
    public Transition<TState, TData> NextEvent(GenStateMachine.Event next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return With(new(Actions, TransitionAction.NextEvent, null, next, default));
    }

    /// <summary>Inserts a call before any waiting events: OTP's <c>{next_event, {call, From}, Request}</c>.</summary>
    /// <param name="next">The call.</param>
    /// <param name="from">The caller that gets its reply.</param>
    public Transition<TState, TData> NextEvent(GenStateMachine.Event.Call next, From from)
    {
        ArgumentNullException.ThrowIfNull(next);
        return from.Call is null
            ? throw new ArgumentException($"Nobody waits for the reply to {next}: this From belongs to no call. Read From while you handle the call, and keep it.", nameof(from))
            : With(new(Actions, TransitionAction.NextEvent, from, next, default));
    }

    /// <summary>Raises an <c>Event.Timeout</c> if no other event arrives within this time.</summary>
    /// <param name="time">Zero or more, rounded up to milliseconds; <see cref="Timeout.InfiniteTimeSpan"/> cancels it, as in OTP.</param>
    /// <param name="content">Passed with the event.</param>
    public Transition<TState, TData> EventTimeout(TimeSpan time, object? content = null) =>
        With(new(Actions, TransitionAction.EventTimeout, null, content, time));

    /// <summary>Raises an <c>Event.StateTimeout</c> if the state has not changed within this time. A second one replaces the first.</summary>
    /// <inheritdoc cref="EventTimeout"/>
    public Transition<TState, TData> StateTimeout(TimeSpan time, object? content = null) =>
        With(new(Actions, TransitionAction.StateTimeout, null, content, time));

    /// <summary>Raises an <c>Event.NamedTimeout</c> after this time, whatever happens meanwhile. A second one with the same name replaces the first.</summary>
    /// <param name="name">Compared by value.</param>
    /// <param name="time">Zero or more, rounded up to milliseconds; <see cref="Timeout.InfiniteTimeSpan"/> cancels it, as in OTP.</param>
    /// <param name="content">Passed with the event.</param>
    public Transition<TState, TData> NamedTimeout(object name, TimeSpan time, object? content = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return With(new(Actions, TransitionAction.NamedTimeout, name, content, time));
    }

    private Transition<TState, TData> With(TransitionActions actions) => new(Kind, State, Data, Ending, actions, Replies, ReplyObject, ReplyBits);
}

internal enum TransitionKind
{
    // First, so that the default of a transition does nothing.
    Keep,
    KeepState,
    Next,
    Repeat,
    Stop,
    StopWith,
    Ignore,
}

internal enum TransitionAction
{
    Postpone,
    NextEvent,
    EventTimeout,
    StateTimeout,
    NamedTimeout,
}

/// <summary>The actions of one transition, the last one first. Most transitions have none.</summary>
internal sealed record TransitionActions(TransitionActions? Before, TransitionAction Action, object? Name, object? Content, TimeSpan Time)
{
    /// <summary>All of them, in the given order.</summary>
    internal static List<TransitionActions> InOrder(TransitionActions? last)
    {
        var all = new List<TransitionActions>();

        for (var at = last; at is not null; at = at.Before)
        {
            all.Add(at);
        }

        all.Reverse();
        return all;
    }
}
