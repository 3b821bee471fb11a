namespace Midflight.Releases.Packages;

/// <summary>Carries a refusal out of the code that reads a package; it never leaves this folder.</summary>
internal sealed class PackageRefusedException(PackageRefusal refusal) : Exception(refusal.ToString())
{
    public PackageRefusal Refusal { get; } = refusal;
}
