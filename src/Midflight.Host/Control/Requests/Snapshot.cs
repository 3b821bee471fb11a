using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Writes the states of the node's processes, what waits for them, and what its tables hold to a file, while the node serves on.</summary>
/// <param name="File">The full path. It must not be there yet; it is readable by its owner only.</param>
/// <param name="Modules">Full names of the modules whose processes are meant; empty for all processes, and the tables.</param>
/// <param name="Masks">Patterns of members that are secrets, besides those marked <c>[Secret]</c>: <c>*token*</c>, <c>Customer.Card</c>.</param>
/// <param name="Secrets">Whether secrets are written as they are.</param>
internal sealed record SnapshotRequest(string File, ImmutableArray<string> Modules = default, ImmutableArray<string> Masks = default, bool Secrets = false) : IControlRequest<SnapshotReply>
{
    public static string Method => "snapshot";

    // It changes nothing, but somebody takes along what the node holds.
    public static bool Changes => true;
}

/// <param name="File">The file.</param>
/// <param name="Bytes">How large it is.</param>
/// <param name="Processes">How many processes are in it.</param>
/// <param name="Messages">How many messages that waited for them.</param>
/// <param name="Stored">How many entries of tables and other stores.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="LeftOut">What has no wire form, each with what to do.</param>
internal sealed record SnapshotReply(string File, long Bytes, int Processes, int Messages, int Stored, double Milliseconds, ImmutableArray<string> LeftOut);
