using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>Whether an upgrade can be made in flight.</summary>
public enum Verdict
{
    /// <summary>Code changes, no state does.</summary>
    Hot,

    /// <summary>States or messages are converted.</summary>
    HotWithConversion,

    /// <summary>The node has to be restarted with the new release.</summary>
    RestartNeeded,
}

/// <summary>What an upgrade from one release to another will do.</summary>
/// <param name="From">The version that is left.</param>
/// <param name="To">The version that is gone to.</param>
/// <param name="Verdict">Whether it can be made in flight.</param>
/// <param name="Changes">What changes, application by application, module by module, type by type.</param>
/// <param name="Appups">The high-level instructions of each changed application, by its name.</param>
/// <param name="Relup">The scripts both ways, with a restart in them where one is needed; null where that does not help either.</param>
/// <param name="Notes">What is worth knowing and no obstacle: dropped members, defaults, what metadata cannot prove.</param>
/// <param name="Problems">What stands against it, each with the line to write; empty unless a restart is needed.</param>
public sealed record UpgradePlan(
    string From,
    string To,
    Verdict Verdict,
    ImmutableArray<PlannedChange> Changes,
    ImmutableSortedDictionary<string, Appup> Appups,
    Relup? Relup,
    ImmutableArray<string> Notes,
    ImmutableArray<string> Problems)
{
    /// <summary>Those of the notes that metadata cannot prove: only the rehearsal on live states can.</summary>
    public ImmutableArray<string> Unproven { get; init; } = [];

    /// <summary>The verdict as a person reads it: hot, hot with conversion, restart needed.</summary>
    public string VerdictText => Verdict switch
    {
        Verdict.Hot => "hot",
        Verdict.HotWithConversion => "hot with conversion",
        _ => "restart needed",
    };
}

/// <summary>One thing that an upgrade changes.</summary>
/// <param name="Application">The application.</param>
/// <param name="Name">The module or type; null for the application as a whole.</param>
/// <param name="Change">What happens to it.</param>
public sealed record PlannedChange(string Application, string? Name, ChangeKind Change)
{
    /// <summary>Why, as a part of a sentence; empty where the change says it all.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What happens to a module, type or application.</summary>
public enum ChangeKind
{
    /// <summary>Nothing.</summary>
    Unchanged,

    /// <summary>Its code is loaded; no state changes.</summary>
    Load,

    /// <summary>Its processes are suspended together with others and change code.</summary>
    Update,

    /// <summary>Its processes go on: each is in the new code from its next message on.</summary>
    Flow,

    /// <summary>Its values are converted by shape.</summary>
    ConvertByShape,

    /// <summary>Its values are converted by a written conversion.</summary>
    ConvertByHand,

    /// <summary>It is new.</summary>
    Add,

    /// <summary>It is gone.</summary>
    Delete,

    /// <summary>It changes in a way that only a restart can carry out.</summary>
    Restart,
}
