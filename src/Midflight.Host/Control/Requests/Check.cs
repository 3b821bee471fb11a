using System.Collections.Immutable;

namespace Midflight.Host.Control.Requests;

/// <summary>Plans an upgrade from what runs and rehearses it on the live states; changes nothing.</summary>
/// <param name="Version">The release to check. It is unpacked first if need be.</param>
/// <param name="Restart">Whether the node may restart where the upgrade cannot be made in flight.</param>
/// <param name="AllowLoss">Whether live values may lose what members hold that the new code drops without saying that it is meant.</param>
/// <param name="Together">Whether all processes of changed modules are suspended together, and change before any continues.</param>
internal sealed record CheckRequest(string Version, bool Restart = false, bool AllowLoss = false, bool Together = false) : IControlRequest<CheckReply>
{
    public static string Method => "check";
}

/// <param name="From">The release that runs.</param>
/// <param name="To">The release that was checked.</param>
/// <param name="Verdict"><c>hot</c>, <c>hot with conversion</c> or <c>restart needed</c>.</param>
/// <param name="Changes">What would change, application by application and module by module.</param>
/// <param name="Processes">Live processes that would be suspended and moved.</param>
/// <param name="Rehearsed">Live states and messages that were converted on a copy.</param>
/// <param name="Notes">What is worth knowing and no obstacle.</param>
/// <param name="Problems">What would make the upgrade fail, each with what to do. Empty where it can be installed.</param>
internal sealed record CheckReply(
    string From,
    string To,
    string Verdict,
    ImmutableArray<ChangeEntry> Changes,
    long Processes,
    long Rehearsed,
    ImmutableArray<string> Notes,
    ImmutableArray<string> Problems);

/// <param name="Application">The application.</param>
/// <param name="Module">The module, or null for the application itself.</param>
/// <param name="Change">What happens to it: <c>load</c>, <c>update</c>, <c>add</c>, <c>delete</c>, <c>convert</c> …</param>
/// <param name="Reason">Why, as a part of a sentence; empty where the change says it all.</param>
internal sealed record ChangeEntry(string Application, string? Module, string Change, string Reason);
