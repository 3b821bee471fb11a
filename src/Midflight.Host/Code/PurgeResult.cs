using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What came of a purge.</summary>
/// <param name="Purged">Whether there is no old version any more. OTP's result of soft_purge.</param>
/// <param name="Users">
/// The processes that used it: killed by a brutal purge, reason of the refusal of a soft one. OTP's result of purge is whether
/// there are any.
/// </param>
/// <param name="Versions">What was dropped. Its memory goes at one of the next garbage collections.</param>
internal sealed record PurgeResult(bool Purged, ImmutableArray<VersionUser> Users, ImmutableArray<PurgedVersion> Versions)
{
    /// <summary>Proves that the memory went.</summary>
    internal ImmutableArray<UnloadReport> Prove(Node node) => [.. Versions.Select(version => version.Prove(node))];
}
