using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Upgrades the running node: unpacks if need be, checks, switches, watches, commits. The verb is <c>upgrade</c>.</summary>
/// <param name="Version">The release to install.</param>
/// <param name="Commit">Whether to make it permanent when probation is over.</param>
/// <param name="ProbationSeconds">How long the new code is watched before; 0 for not at all.</param>
/// <param name="Restart">Whether the node may restart where the upgrade cannot be made in flight.</param>
/// <param name="AllowLoss">Whether live values may lose what members hold that the new code drops without saying that it is meant.</param>
/// <param name="Together">Whether all processes of changed modules are suspended together, and change before any continues.</param>
internal sealed record InstallRequest(
    string Version, bool Commit = true, double ProbationSeconds = 0, bool Restart = false, bool AllowLoss = false, bool Together = false)
    : IControlRequest<InstallReply>
{
    public static string Method => "install";

    public static bool Changes => true;
}

/// <param name="From">The release that ran before.</param>
/// <param name="To">The release that runs now.</param>
/// <param name="Verdict"><c>hot</c>, <c>hot with conversion</c> or <c>restarted</c>.</param>
/// <param name="Status">What the new release is: <c>current</c> or <c>permanent</c>; <c>restarting</c> where the node restarts now and goes on behind it: <c>status</c> tells the end.</param>
/// <param name="Processes">Processes that were suspended and moved.</param>
/// <param name="Converted">States and messages that were converted.</param>
/// <param name="SwitchMilliseconds">Time from the first suspend to the last resume.</param>
/// <param name="Notes">What is worth knowing, such as old code that could not be unloaded yet.</param>
internal sealed record InstallReply(
    string From,
    string To,
    string Verdict,
    string Status,
    long Processes,
    long Converted,
    double SwitchMilliseconds,
    ImmutableArray<string> Notes);
