namespace Midflight;

/// <summary>Tells the process that added a handler supervised that the handler is gone: OTP's <c>gen_event_EXIT</c>. A swap does not count.</summary>
/// <param name="Manager">The manager.</param>
/// <param name="Module">The full name of the handler's type.</param>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why: <see cref="ExitReason.Normal"/> if it was deleted or removed itself, <see cref="ExitReason.Shutdown"/> if the manager ended.</param>
public sealed record HandlerRemoved(Pid Manager, string Module, string? Id, ExitReason Reason);
