namespace Midflight.Releases.Packages;

/// <summary>One release of a node, with its status.</summary>
/// <param name="Name">The name of the release.</param>
/// <param name="Version">Its version.</param>
/// <param name="Status">Its status.</param>
public sealed record InstalledRelease(string Name, string Version, ReleaseStatus Status)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Version} {Status.ToString().ToLowerInvariant()}";
}
