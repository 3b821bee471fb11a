using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Asks for the releases of the node.</summary>
internal sealed record ReleasesRequest : IControlRequest<ReleasesReply>
{
    public static string Method => "releases";
}

/// <param name="Releases">The releases, the newest first.</param>
internal sealed record ReleasesReply(ImmutableArray<ReleaseEntry> Releases);

/// <param name="Name">The name of the release.</param>
/// <param name="Version">Its version.</param>
/// <param name="Status"><c>unpacked</c>, <c>current</c>, <c>permanent</c> or <c>old</c>.</param>
internal sealed record ReleaseEntry(string Name, string Version, string Status);
