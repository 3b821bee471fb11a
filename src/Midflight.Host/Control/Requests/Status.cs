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
/// <param name="Upgrade">The last upgrade that it was asked for; null if it never was.</param>
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
    ImmutableArray<ApplicationStatus> Applications,
    UpgradeStatus? Upgrade = null);

/// <param name="From">The release that ran.</param>
/// <param name="To">The release gone to.</param>
/// <param name="Phase">How far it has come: <c>Checking</c>, <c>Switching</c>, <c>Restarting</c> … <c>Ended</c>.</param>
/// <param name="IsOver">Whether nothing more happens.</param>
/// <param name="Outcome">Why it ended without success; null if it did not.</param>
/// <param name="Reply">What it did, of an upgrade that restarted the node and succeeded.</param>
internal sealed record UpgradeStatus(string From, string To, string Phase, bool IsOver, string? Outcome, InstallReply? Reply = null);

/// <param name="Name">The application.</param>
/// <param name="Version">The version of its current code.</param>
/// <param name="Old">The version of its old code, if that is still loaded.</param>
/// <param name="OldProcesses">How many processes still run the old code.</param>
internal sealed record ApplicationStatus(string Name, string Version, string? Old = null, int OldProcesses = 0);
