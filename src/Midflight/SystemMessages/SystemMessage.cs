namespace Midflight;

/// <summary>A system message as a special process receives it: OTP's <c>{system, From, Request}</c>. Pass it to <see cref="Sys.Handle"/>.</summary>
/// <remarks>If a process drops it, the sender waits until its time-out, as in OTP.</remarks>
public sealed class SystemMessage
{
    internal SystemMessage(PendingCall call) => Call = call;

    internal PendingCall Call { get; }

    /// <inheritdoc/>
    public override string ToString() => $"system message: {Call.Content}";
}
