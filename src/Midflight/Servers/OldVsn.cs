namespace Midflight;

/// <summary>The version that CodeChange comes from or, in a downgrade, goes to. OTP's <c>Vsn | {down, Vsn}</c>.</summary>
/// <param name="Vsn">The module's vsn: the value of its attribute, or else the hash of its code.</param>
/// <param name="IsDown">Whether this is a downgrade. Then CodeChange runs in the newer code, on the newer state.</param>
public readonly record struct OldVsn(string Vsn, bool IsDown)
{
    /// <inheritdoc/>
    public override string ToString() => IsDown ? $"Down({Vsn})" : Vsn;
}
