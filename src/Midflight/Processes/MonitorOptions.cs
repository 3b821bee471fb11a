namespace Midflight;

/// <summary>What a monitor does besides telling of an end: OTP's monitor options.</summary>
public sealed record MonitorOptions
{
    /// <summary>Stands in the <see cref="Down"/> message, so that it is told from others without a look at its reference. Default: nothing.</summary>
    public object? Tag { get; init; }

    /// <summary>Gives the monitor an <see cref="MonitorRef.Alias"/>, good for so long. Default: no alias.</summary>
    /// <remarks>With <see cref="AliasUntil.Reply"/> the first message by the alias ends the monitor too: OTP's <c>reply_demonitor</c>.</remarks>
    public AliasUntil? Alias { get; init; }
}

/// <summary>How long an alias is good, if it is not taken back with <see cref="Process.Unalias"/> before.</summary>
public enum AliasUntil
{
    /// <summary>Until it is taken back, or its process ends: OTP's <c>explicit_unalias</c>.</summary>
    Unaliased,

    /// <summary>Until the first message comes by it: OTP's <c>reply</c>, of a monitor <c>reply_demonitor</c>.</summary>
    Reply,

    /// <summary>Until its monitor is taken back or has told of the end: OTP's <c>demonitor</c>.</summary>
    MonitorEnds,
}
