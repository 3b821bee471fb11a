namespace Midflight;

/// <summary>Something that a process did, as seen by <see cref="Sys"/>'s trace, log, statistics and installed functions.</summary>
public abstract record DebugEvent
{
    private DebugEvent()
    {
    }

    /// <summary>A request arrived from a waiting caller. Counts as a message in.</summary>
    public sealed record Called(object Request, Pid From) : DebugEvent;

    /// <summary>A cast arrived. Counts as a message in.</summary>
    public sealed record WasCast(object Message) : DebugEvent;

    /// <summary>Any other message arrived. Counts as a message in.</summary>
    public sealed record Received(object Message) : DebugEvent;

    /// <summary>The caller got its reply from the callback, which left this state. Counts as a message out.</summary>
    /// <param name="Reply">The reply.</param>
    /// <param name="To">The caller; the pid of no process if it is not a process.</param>
    /// <param name="State">The state, as <c>FormatStatus</c> shows it.</param>
    public sealed record Replied(object? Reply, Pid To, object? State) : DebugEvent;

    /// <summary>The callback has ended without a reply and left this state.</summary>
    /// <param name="State">The state, as <c>FormatStatus</c> shows it.</param>
    public sealed record Settled(object? State) : DebugEvent;

    /// <summary>A special process reports that it sent something. Counts as a message out.</summary>
    public sealed record Sent(object Message, Pid To) : DebugEvent;

    /// <summary>The event in one line, in OTP's words; long values are truncated.</summary>
    public sealed override string ToString() => this switch
    {
        Called(var request, var from) => $"got call {Text(request)} from {from}",
        WasCast(var message) => $"got cast {Text(message)}",
        Received(var message) => $"got {Text(message)}",
        Replied(var reply, var to, var state) => $"sent {Text(reply)} to {to}, new state {Text(state)}",
        Settled(var state) => $"new state {Text(state)}",
        Sent(var message, var to) => $"sent {Text(message)} to {to}",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    private static string Text(object? value) => Excerpt.Of(value, longest: 200);

    internal static DebugEvent Of(Message message) => message switch
    {
        PendingCall call => new Called(call.Content, call.Caller?.Pid ?? default),
        CastMessage => new WasCast(message.Content),
        _ => new Received(message.Content),
    };

    /// <summary>The result of a message, now that its callback is done.</summary>
    internal static DebugEvent Outcome(Message message, object? state) => message is PendingCall { HasReply: true } call
        ? new Replied(call.ReplyObject is IUnboxed unboxed ? unboxed.Box(call.ReplyBits) : call.ReplyObject, call.Caller?.Pid ?? default, state)
        : new Settled(state);
}
