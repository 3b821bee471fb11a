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

    /// <summary>Those of the dropped members of which nothing says that their loss is meant: no <c>[Dropped]</c> in the new code, nor, on the way down, that they are new there.</summary>
    public IEnumerable<PlacedMember> Lost => Dropped.Where(member => !To.Dropped.Contains(member.Member.Name));

    /// <summary>Whether values of the type differ in whether they pass.</summary>
    public bool IsDecidedByValues => !NamesGone.IsEmpty
        || Kept.Any(member => member.MayNotBeNull || !member.NotNull.IsEmpty || (member.IsOpen && !member.From.Member.Type.Equals(member.To.Member.Type)));

    /// <summary>Whether nothing has changed: each member has the type that it had.</summary>
    public bool IsUnchanged => Refusals.IsEmpty && Added.IsEmpty && Dropped.IsEmpty && From.Kind == To.Kind
        && From.Names.SequenceEqual(To.Names) && Equals(From.Underlying, To.Underlying)
        && Kept.All(kept => kept.From.Member.Type == kept.To.Member.Type && kept.From.Member.Name == kept.To.Member.Name && !kept.MayNotBeNull && kept.NotNull.IsEmpty && kept.Order.IsEmpty);
}

/// <summary>A member that is taken over.</summary>
/// <param name="From">The old member.</param>
/// <param name="To">The new one.</param>
/// <param name="Rule">How what it holds passes.</param>
public sealed record KeptMember(PlacedMember From, PlacedMember To, PlaceRule Rule)
{
    /// <summary>Whether the name is only spelled another way: <c>balance</c> and <c>Balance</c>.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Whether what it held may be null and the new member may not: a value that is null is refused.</summary>
    public bool MayNotBeNull => From.Member.IsNullable && !To.Member.AllowsNull && !IsValueType(From.Member.Type) && !IsValueType(To.Member.Type);

    /// <summary>Whether only the value in it can tell whether it passes.</summary>
    public bool IsOpen => MayNotBeNull || !NotNull.IsEmpty || Rule.IsOpen;

    /// <summary>Where each element of the new tuple stands in the old one, by their names; empty where each has kept its place.</summary>
    internal ImmutableArray<int> Order { get; init; } = [];

    /// <summary>The old type, with the elements of a tuple in their new order.</summary>
    internal TypeName FromInOrder => Order.IsEmpty ? From.Member.Type : TupleOrder.In((TypeName.Named)From.Member.Type, Order);

    /// <summary>The places within what it holds that may not be null any more.</summary>
    internal ImmutableArray<ImmutableArray<int>> NotNull => Order.IsEmpty ? _notNull : [];

    private readonly ImmutableArray<ImmutableArray<int>> _notNull = NullPlaces.Narrowed(From.Member, To.Member);

    private static bool IsValueType(TypeName type) => type is TypeName.Named { IsValueType: true };
}

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
