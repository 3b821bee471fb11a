namespace Midflight;

/// <summary>A handler of an event manager: a server that also receives events. This is OTP's gen_event callback module.</summary>
/// <typeparam name="TState">The state, as for any server.</typeparam>
/// <remarks>
/// <para>
/// In OTP, the handlers of a manager share its process, one after the other. Here each is a process, linked to the manager as its
/// parent. So a handler that crashes or hangs cannot harm another, and an upgrade finds it by its module like any server: it is suspended, changes
/// code and continues on its own, while the other handlers work.
/// </para>
/// <para>
/// It has the callbacks of a server: Init when it is added, HandleCall for <see cref="EventManager.Call{TReply}"/>, and Terminate when it is
/// deleted, when it stops, and when the manager ends; it traps exits for that. A handler removes itself with <c>Stop(ExitReason.Normal, state)</c>.
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

    /// <summary>What the handler that replaces this one gets, in its <see cref="SwappedIn"/>. Default: null.</summary>
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

    // Before the reply, so that it comes before anything that the caller then asks of the manager.
    internal sealed override void OnLastReply(Cell cell, ExitReason reason) => cell.Parent?.Send(new HandlerLeaves(cell.Pid, reason));

    object? IEventHandler.HandOver(object? state) => HandOver((TState)state!);
}

/// <summary>The argument of Init for a handler that replaces another one.</summary>
/// <param name="Argument">The argument of <see cref="EventManager.SwapHandler"/>.</param>
/// <param name="HandedOver">The result of the old handler's <c>HandOver</c>; null if there was no old handler.</param>
public sealed record SwappedIn(object? Argument, object? HandedOver);

/// <summary>Tells the manager of a handler that the handler is answering its last call and ends: OTP's <c>{remove_handler, Reply}</c>.</summary>
internal sealed record HandlerLeaves(Pid Handler, ExitReason Reason);

/// <summary>An event handler with any state.</summary>
internal interface IEventHandler
{
    /// <summary>What its successor gets.</summary>
    public object? HandOver(object? state);
}

/// <summary>Asks a handler what its successor should get.</summary>
internal sealed class HandOverRequest : SystemRequest
{
    internal override void Act(Cell cell, ServerBody body, PendingCall call)
    {
        try
        {
            call.Reply((body.Module as IEventHandler)?.HandOver(body.State), 0);
        }
        // The swap fails with it; the handler continues.
        catch (Exception exception)
        {
            call.Fail(exception);
        }
    }

    public override string ToString() => "hand over";
}
