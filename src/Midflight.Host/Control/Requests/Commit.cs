using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Makes a release permanent: the next start takes it.</summary>
/// <param name="Version">The release; null for the one that runs.</param>
internal sealed record CommitRequest(string? Version = null) : IControlRequest<CommitReply>
{
    public static string Method => "commit";

    public static bool Changes => true;
}

/// <param name="Version">The release that is permanent now.</param>
/// <param name="Notes">What is worth knowing, such as old code that could not be unloaded yet.</param>
internal sealed record CommitReply(string Version, ImmutableArray<string> Notes);
