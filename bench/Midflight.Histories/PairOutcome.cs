namespace Midflight.Histories;

/// <summary>What came of a changed type.</summary>
/// <param name="Step">The step between two versions of a package.</param>
/// <param name="Type">The type.</param>
/// <param name="IsDataLike">Whether it holds data only, however deep.</param>
/// <param name="Kind">What came of it.</param>
/// <param name="Why">The reason of a refusal, or what was lost.</param>
internal sealed record PairOutcome(string Step, string Type, bool IsDataLike, PairKind Kind, string Why);

/// <summary>What came of a changed type.</summary>
internal enum PairKind
{
    /// <summary>A value converts, and every member holds what it held; new ones hold what the new code declares.</summary>
    Converts,

    /// <summary>The same, but a member is gone from the new type, and the plan says so.</summary>
    Drops,

    /// <summary>The plan or the live value refuses it.</summary>
    Refused,

    /// <summary>The planner asks whether a member is another one's new name.</summary>
    Asked,

    /// <summary>Something differs that nothing tells of.</summary>
    Lost,

    /// <summary>The process ended, or the conversion did not.</summary>
    Ended,

    /// <summary>It cannot be tried: the runtime does not load it, or no value of it can be made.</summary>
    Untried,
}
