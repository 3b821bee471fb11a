using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>What conversion will do to values of a type, and of every type that they may hold.</summary>
/// <param name="Types">Every hot type in reach, the first one first.</param>
/// <param name="Refusals">Why it cannot be done; empty when it can.</param>
public sealed record ConversionPlan(ImmutableArray<ConvertedType> Types, ImmutableArray<ConversionRefusal> Refusals)
{
    /// <summary>The verdict on the whole: the gravest of its types.</summary>
    public ConversionVerdict Verdict => Refusals.IsEmpty
        ? Types.Select(type => type.Verdict).DefaultIfEmpty(ConversionVerdict.Unchanged).Max()
        : ConversionVerdict.Refused;

    /// <summary>Plans the conversion of values of a type.</summary>
    /// <param name="rules">The rules between the two versions.</param>
    /// <param name="old">What the values are now: a state type as the old version names it.</param>
    /// <param name="now">What they are to become.</param>
    public static ConversionPlan Of(ShapeRules rules, TypeName old, TypeName now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(now);
        var planner = new ConversionPlanner(rules);
        planner.Visit(old, now);
        return planner.Plan;
    }
}

/// <summary>What conversion will do to values of one type.</summary>
/// <param name="Name">The type, as a person writes it.</param>
/// <param name="Verdict">By shape, by written conversion, or not at all.</param>
public sealed record ConvertedType(string Name, ConversionVerdict Verdict)
{
    /// <summary>What is lost, comes new or is found by another spelling, one sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Members whose content is lost and of which nothing in the code says that it is meant.</summary>
    public ImmutableArray<string> Lost { get; init; } = [];

    /// <summary>Members of which only a rehearsal on live values can tell.</summary>
    public ImmutableArray<string> Unproven { get; init; } = [];
}

/// <summary>What conversion does to values of a type. Each is graver than the one before.</summary>
public enum ConversionVerdict
{
    /// <summary>The shape is the same: members are copied.</summary>
    Unchanged,

    /// <summary>The shape differs, and members by their names and defaults make up for it.</summary>
    ByShape,

    /// <summary>The shape differs, and each live value decides whether it passes: an empty one into a place that may not be, a number into a narrower one.</summary>
    LiveValues,

    /// <summary>Methods marked <c>[Convert]</c> do it.</summary>
    Written,

    /// <summary>Values cannot be taken over.</summary>
    Refused,
}
