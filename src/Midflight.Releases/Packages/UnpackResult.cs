namespace Midflight.Releases.Packages;

/// <summary>How an unpack, or the reading of a package, ended.</summary>
public abstract record UnpackResult
{
    private UnpackResult()
    {
    }

    /// <summary>The release is good and, after an unpack, in place.</summary>
    /// <param name="Manifest">What it consists of.</param>
    public sealed record Done(ReleaseManifest Manifest) : UnpackResult;

    /// <summary>Nothing has changed.</summary>
    /// <param name="Why">The reason.</param>
    public sealed record Refused(PackageRefusal Why) : UnpackResult;
}
