using System.Collections.Immutable;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>What an upgrade or downgrade did.</summary>
/// <param name="From">The release that ran before.</param>
/// <param name="To">The release gone to.</param>
/// <param name="Verdict"><c>hot</c>, <c>hot with conversion</c>; <c>restarted</c> where the node has been restarted for it.</param>
/// <param name="Changes">What changes, application by application, module by module, type by type.</param>
/// <param name="Processes">Processes that were suspended and changed.</param>
/// <param name="Rehearsed">States and messages that were converted on a copy before.</param>
/// <param name="Switched">Time from the first suspend to the last resume.</param>
/// <param name="Committed">Whether the release is permanent.</param>
/// <param name="Notes">What is worth knowing: old code that is still in use, members that were dropped.</param>
public sealed record UpgradeReport(
    string From, string To, string Verdict, ImmutableArray<PlannedChange> Changes, int Processes, int Rehearsed, TimeSpan Switched, bool Committed, ImmutableArray<string> Notes)
{
    /// <summary>Whether the node is about to restart and goes on then; what else this says is as of now.</summary>
    public bool IsRestarting { get; init; }
}
