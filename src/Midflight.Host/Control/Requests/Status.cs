using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Asks what runs.</summary>
internal sealed record StatusRequest : IControlRequest<StatusReply>
{
    public static string Method => "status";
}

/// <param name="Name">The name of the release.</param>
/// <param name="Version">The version that runs.</param>
/// <param name="Status">What that release is: <c>permanent</c> or <c>current</c>.</param>
/// <param name="Pid">The node's operating system process.</param>
/// <param name="Midflight">The version of Midflight.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="UptimeSeconds">How long the node runs.</param>
/// <param name="Processes">Live processes.</param>
/// <param name="MemoryBytes">Resident memory.</param>
/// <param name="NotUnloaded">Code versions that were purged and are still in memory; the log says why if they stay.</param>
/// <param name="Applications">The started applications, in the order of their start.</param>
internal sealed record StatusReply(
    string Name,
    string Version,
    string Status,
    int Pid,
    string Midflight,
    string Runtime,
    double UptimeSeconds,
    long Processes,
    long MemoryBytes,
    int NotUnloaded,
    ImmutableArray<ApplicationStatus> Applications);

/// <param name="Name">The application.</param>
/// <param name="Version">The version of its current code.</param>
/// <param name="Old">The version of its old code, if that is still loaded.</param>
/// <param name="OldProcesses">How many processes still run the old code.</param>
internal sealed record ApplicationStatus(string Name, string Version, string? Old = null, int OldProcesses = 0);
