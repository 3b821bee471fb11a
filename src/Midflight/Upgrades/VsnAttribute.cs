namespace Midflight;

/// <summary>Gives a module its version by hand: OTP's <c>-vsn</c>.</summary>
/// <remarks>
/// Without it, the version is a hash of the module's code and of all hot code that it reaches, so a rebuild
/// without a change is not a change. Use it if two builds must count as the same, or the same code as two.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class VsnAttribute : Attribute
{
    /// <param name="vsn">The version: any non-empty text.</param>
    /// <exception cref="ArgumentException"><paramref name="vsn"/> is empty.</exception>
    public VsnAttribute(string vsn)
    {
        ArgumentException.ThrowIfNullOrEmpty(vsn);
        Vsn = vsn;
    }

    /// <summary>The version.</summary>
    public string Vsn { get; }
}
