using System.Collections.Immutable;
using Midflight.Releases.Declared;

namespace Midflight.Releases;

/// <summary>How a value of an old type becomes one of a new type, member by member.</summary>
/// <param name="From">The old shape.</param>
/// <param name="To">The new shape.</param>
public sealed record TypeChange(Shape From, Shape To)
{
    /// <summary>Members that are taken over, with the rule for each.</summary>
    public ImmutableArray<KeptMember> Kept { get; init; } = [];

    /// <summary>Members that are new, and what they become.</summary>
    public ImmutableArray<NewMember> Added { get; init; } = [];

    /// <summary>Members that are gone.</summary>
    public ImmutableArray<PlacedMember> Dropped { get; init; } = [];

    /// <summary>What stands against it; empty when values can be taken over.</summary>
    public ImmutableArray<ConversionRefusal> Refusals { get; init; } = [];

    /// <summary>Names of an enum that are gone, so that a value of one is refused.</summary>
    public ImmutableArray<string> NamesGone { get; init; } = [];

    /// <summary>Whether nothing has changed: each member has the type that it had.</summary>
    public bool IsUnchanged => Refusals.IsEmpty && Added.IsEmpty && Dropped.IsEmpty && From.Kind == To.Kind
        && From.Names.SequenceEqual(To.Names) && Equals(From.Underlying, To.Underlying)
        && Kept.All(kept => kept.From.Member.Type == kept.To.Member.Type);
}

/// <summary>A member that is taken over.</summary>
/// <param name="From">The old member.</param>
/// <param name="To">The new one.</param>
/// <param name="Rule">How what it holds passes.</param>
public sealed record KeptMember(PlacedMember From, PlacedMember To, PlaceRule Rule);

/// <summary>A member that is new.</summary>
/// <param name="To">The member.</param>
/// <param name="Default">What it becomes.</param>
public sealed record NewMember(PlacedMember To, NewMemberDefault Default)
{
    /// <summary>The value that the code declares, where it declares one.</summary>
    internal DeclaredValue? Value { get; init; }
}

/// <summary>What a new member becomes.</summary>
public enum NewMemberDefault
{
    /// <summary>What the code declares: by an initialiser, a parameter's default or what a constructor computes; no constructor runs.</summary>
    Declared,

    /// <summary>Null, which its type allows.</summary>
    Null,

    /// <summary>The default of its value type: 0, false, an empty struct.</summary>
    Zero,
}
