using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>The result of a purge.</summary>
/// <param name="Purged">Whether there is no longer an old version. OTP's result of soft_purge.</param>
/// <param name="Users">
/// The processes that used it: a brutal purge killed them, a soft purge refused because of them. OTP's result of purge says
/// whether there are any.
/// </param>
/// <param name="Versions">The versions that were dropped. One of the next garbage collections frees their memory.</param>
internal sealed record PurgeResult(bool Purged, ImmutableArray<VersionUser> Users, ImmutableArray<PurgedVersion> Versions)
{
    /// <summary>Proves that the memory was freed.</summary>
    internal ImmutableArray<UnloadReport> Prove(Node node) => [.. Versions.Select(version => version.Prove(node))];
}
