namespace Midflight;

/// <summary>What a state machine keeps between two events besides state and data: postponed events and time-outs.</summary>
/// <remarks>The events that it handles change it. A change of code creates another one, so that the old one can be restored.</remarks>
internal abstract class Machine
{
    // Handled before what waits in the mailbox.
    internal List<PendingEvent> Queue = [];

    // Oldest first.
    internal List<PendingEvent> Postponed = [];
    internal List<MachineTimeout> Timeouts = [];

    /// <summary>Takes over the postponed events of another machine.</summary>
    /// <param name="other">The other machine.</param>
    /// <param name="version">The code version that the content of the events is converted to; null if it stays as it is.</param>
    internal void Adopt(Machine other, CodeVersion? version)
    {
        Queue = [.. other.Queue.Select(In)];
        Postponed = [.. other.Postponed.Select(In)];
        Timeouts = [.. other.Timeouts.Select(timeout => version is null ? timeout : timeout with { Event = timeout.Event.In(version) })];

        PendingEvent In(PendingEvent pending) => version is null ? pending : pending with { Event = pending.Event.In(version) };
    }
}

/// <summary>What a machine does right after its Init. It has no type of the machine's, so it is known in each code version.</summary>
internal enum AfterInit
{
    /// <summary>Enters the first state, then continues as below.</summary>
    Enter,

    /// <summary>Handles the events that Init inserted.</summary>
    Queue,
}

/// <inheritdoc cref="Machine"/>
internal sealed class Machine<TState, TData> : Machine
{
    internal TState State = default!;
    internal TData Data = default!;

    /// <summary>The form that <c>Sys.GetState</c> shows and a conversion converts.</summary>
    internal object Shown => (State, Data);

    internal static Machine<TState, TData> Of(object? shown)
    {
        var (state, data) = ((TState, TData))shown!;
        return new() { State = state, Data = data };
    }

    /// <summary>The same with another state and other data.</summary>
    internal Machine<TState, TData> With(TState state, TData data)
    {
        var machine = new Machine<TState, TData> { State = state, Data = data };
        machine.Adopt(this, null);
        return machine;
    }
}

/// <summary>An event that has arrived and waits within the machine.</summary>
/// <param name="Event">The event.</param>
/// <param name="Caller">The caller that waits for the reply to a call; nobody for other events.</param>
internal readonly record struct PendingEvent(GenStateMachine.Event Event, From Caller);

/// <summary>A running time-out, or one of zero that waits for the events before it.</summary>
/// <param name="Event">The event that it raises.</param>
/// <param name="Token">Identifies it in the message of its timer, which may still arrive after it was cancelled.</param>
/// <param name="Timer">Its timer; null for a time-out of zero.</param>
internal sealed record MachineTimeout(GenStateMachine.Event Event, object Token, TimerRef? Timer)
{
    internal bool TakesThePlaceOf(GenStateMachine.Event other) => (Event, other) switch
    {
        (GenStateMachine.Event.NamedTimeout(var mine, _), GenStateMachine.Event.NamedTimeout(var theirs, _)) => Equals(mine, theirs),
        _ => Event.GetType() == other.GetType(),
    };
}

/// <summary>What the timer of a time-out sends.</summary>
internal sealed class TimeoutElapsed(object token)
{
    internal object Token => token;

    /// <inheritdoc/>
    public override string ToString() => "time-out";
}
