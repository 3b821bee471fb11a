namespace Midflight;

/// <summary>What a state machine has between two events besides state and data: what it has put off, and its time-outs.</summary>
/// <remarks>Changed by the events that it handles. A change of code makes another one, so that the old can be put back.</remarks>
internal abstract class Machine
{
    // To be handled before what waits in the mailbox.
    internal List<PendingEvent> Queue = [];

    // Oldest first.
    internal List<PendingEvent> Postponed = [];
    internal List<MachineTimeout> Timeouts = [];

    /// <summary>Takes over what another one has put off.</summary>
    /// <param name="other">As it was.</param>
    /// <param name="version">The code version that what the events hold is brought into; null where it stays as it is.</param>
    internal void Adopt(Machine other, CodeVersion? version)
    {
        Queue = [.. other.Queue.Select(In)];
        Postponed = [.. other.Postponed.Select(In)];
        Timeouts = [.. other.Timeouts.Select(timeout => version is null ? timeout : timeout with { Event = timeout.Event.In(version) })];

        PendingEvent In(PendingEvent pending) => version is null ? pending : pending with { Event = pending.Event.In(version) };
    }
}

/// <summary>What a machine does right behind its Init. Of no type of the machine's, so that it is known in each code version.</summary>
internal enum AfterInit
{
    /// <summary>Enters the first state, then as below.</summary>
    Enter,

    /// <summary>Handles the events that Init gave.</summary>
    Queue,
}

/// <inheritdoc cref="Machine"/>
internal sealed class Machine<TState, TData> : Machine
{
    internal TState State = default!;
    internal TData Data = default!;

    /// <summary>As <c>Sys.GetState</c> shows it and as it is converted.</summary>
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

/// <summary>An event that has come and waits within the machine.</summary>
/// <param name="Event">Which.</param>
/// <param name="Caller">Who waits for the reply to a call; nobody for other events.</param>
internal readonly record struct PendingEvent(GenStateMachine.Event Event, From Caller);

/// <summary>A time-out that runs, or is of zero and waits for the events ahead of it.</summary>
/// <param name="Event">What it gives.</param>
/// <param name="Token">Names it in the message of its timer, which may still come after it was cancelled.</param>
/// <param name="Timer">Its timer; null where it is of zero.</param>
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
