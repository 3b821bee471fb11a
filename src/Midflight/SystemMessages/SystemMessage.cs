namespace Midflight;

/// <summary>A system message as a special process receives it: OTP's <c>{system, From, Request}</c>. To be handed to <see cref="Sys.Handle"/>.</summary>
/// <remarks>A process that drops it leaves who sent it waiting until the time-out, as in OTP.</remarks>
public sealed class SystemMessage
{
    internal SystemMessage(PendingCall call) => Call = call;

    internal PendingCall Call { get; }

    /// <inheritdoc/>
    public override string ToString() => $"system message: {Call.Content}";
}
