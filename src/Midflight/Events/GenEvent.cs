namespace Midflight;

/// <summary>What an event manager tells of its events: a server that also takes events. OTP's gen_event callback module.</summary>
/// <typeparam name="TState">The state, as of any server.</typeparam>
/// <remarks>
/// <para>
/// In OTP the handlers of a manager share its process, one after the other. Here each is a process, linked to the manager as its
/// parent. So one that crashes or hangs harms no other, and an upgrade finds it by its module like any server: it is suspended, changes
/// code and goes on by itself, while the other handlers work.
/// </para>
/// <para>
/// Callbacks are those of a server: Init when it is added, HandleCall for <see cref="EventManager.Call{TReply}"/>, Terminate when it is
/// deleted, when it stops, and when the manager does; it traps exits for that. A handler removes itself with <c>Stop(ExitReason.Normal, state)</c>.
/// </para>
/// </remarks>
public abstract class GenEvent<TState> : GenServer<TState>, IEventHandler
{
    /// <summary>Called once for each code version.</summary>
    protected GenEvent() => CastIsAsync = Overrides(nameof(HandleEventAsync), typeof(GenEvent<>));

    /// <summary>Handles an event, in the order in which the manager got them.</summary>
    protected virtual Answer<TState> HandleEvent(object what, TState state) => throw new NotSupportedException(
        $"{GetType().FullName} does not understand the event {what}. Add it to HandleEvent.");

    /// <inheritdoc cref="HandleEvent"/>
    protected virtual ValueTask<Answer<TState>> HandleEventAsync(object what, TState state) => new(HandleEvent(what, state));

    /// <summary>What the handler that is swapped in for this one is given, in its <see cref="SwappedIn"/>. Default: nothing.</summary>
    protected virtual object? HandOver(TState state) => null;

    /// <inheritdoc/>
    protected sealed override Answer<TState> HandleCast(object message, TState state) => HandleEvent(message, state);

    /// <inheritdoc/>
    protected sealed override ValueTask<Answer<TState>> HandleCastAsync(object message, TState state) => HandleEventAsync(message, state);

    internal override ValueTask<Started<TState>> OnInit(object? argument)
    {
        Process.TrapExits = true;
        return base.OnInit(argument);
    }

    // Ahead of the reply, so that it is before whatever the caller asks the manager for then.
    internal sealed override void OnLastReply(Cell cell, ExitReason reason) => cell.Parent?.Send(new HandlerLeaves(cell.Pid, reason));

    object? IEventHandler.HandOver(object? state) => HandOver((TState)state!);
}

/// <summary>What the Init of a handler is given that takes the place of another.</summary>
/// <param name="Argument">What <see cref="EventManager.SwapHandler"/> was given.</param>
/// <param name="HandedOver">What <c>HandOver</c> of the other returned; null where it was not there.</param>
public sealed record SwappedIn(object? Argument, object? HandedOver);

/// <summary>Tells the manager of a handler that it answers its last call and ends: OTP's <c>{remove_handler, Reply}</c>.</summary>
internal sealed record HandlerLeaves(Pid Handler, ExitReason Reason);

/// <summary>A handler of events, of whatever state.</summary>
internal interface IEventHandler
{
    /// <summary>What its successor is given.</summary>
    public object? HandOver(object? state);
}

/// <summary>Asks a handler what its successor is to be given.</summary>
internal sealed class HandOverRequest : SystemRequest
{
    internal override void Act(Cell cell, ServerBody body, PendingCall call)
    {
        try
        {
            call.Reply((body.Module as IEventHandler)?.HandOver(body.State), 0);
        }
        // The swap fails with it; the handler goes on.
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    public override string ToString() => "hand over";
}
