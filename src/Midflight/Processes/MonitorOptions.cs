namespace Midflight;

/// <summary>Options of a monitor: OTP's monitor options.</summary>
public sealed record MonitorOptions
{
    /// <summary>Included in the <see cref="Down"/> message, so that it can be recognised without its reference. Default: none.</summary>
    public object? Tag { get; init; }

    /// <summary>Gives the monitor an <see cref="MonitorRef.Alias"/> with this validity. Default: no alias.</summary>
    /// <remarks>With <see cref="AliasUntil.Reply"/>, the first message through the alias also ends the monitor: OTP's <c>reply_demonitor</c>.</remarks>
    public AliasUntil? Alias { get; init; }
}

/// <summary>How long an alias is valid, unless <see cref="Process.Unalias"/> revokes it earlier.</summary>
public enum AliasUntil
{
    /// <summary>Until it is revoked, or its process ends: OTP's <c>explicit_unalias</c>.</summary>
    Unaliased,

    /// <summary>Until the first message arrives through it: OTP's <c>reply</c>; for a monitor, <c>reply_demonitor</c>.</summary>
    Reply,

    /// <summary>Until its monitor is removed or has reported the end: OTP's <c>demonitor</c>.</summary>
    MonitorEnds,
}
