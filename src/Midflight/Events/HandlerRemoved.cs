namespace Midflight;

/// <summary>Tells the process that added a handler supervised that the handler is gone: OTP's <c>gen_event_EXIT</c>. A swapped one is not gone.</summary>
/// <param name="Manager">Which manager.</param>
/// <param name="Module">The full name of the handler's type.</param>
/// <param name="Id">Its id.</param>
/// <param name="Reason">Why: <see cref="ExitReason.Normal"/> where it was deleted or removed itself, <see cref="ExitReason.Shutdown"/> where the manager ended.</param>
public sealed record HandlerRemoved(Pid Manager, string Module, string? Id, ExitReason Reason);
