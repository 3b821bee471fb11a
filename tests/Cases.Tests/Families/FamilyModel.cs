namespace Midflight.Cases;

/// <summary>What a type of a family is.</summary>
internal enum FamilyKind
{
    /// <summary>A class; others may derive from it.</summary>
    Class,

    /// <summary>A record with properties in its body.</summary>
    Record,

    /// <summary>A struct.</summary>
    Struct,
}

/// <summary>How a member is written. It keeps its name in another spelling where that changes.</summary>
internal enum FamilyStyle
{
    /// <summary>A public field <c>M1</c>.</summary>
    Field,

    /// <summary>A property <c>M1</c>.</summary>
    Property,

    /// <summary>A private field <c>_m1</c> with a method that sets it.</summary>
    Private,
}

/// <summary>A type of a family.</summary>
internal sealed record FamilyType(string Name, FamilyKind Kind, FamilyType? Parent, bool IsMoved, bool BecomesRecord)
{
    /// <summary>Its own members.</summary>
    public List<FamilyMember> Members { get; } = [];

    /// <summary>Those that it inherits too.</summary>
    public IEnumerable<FamilyMember> All => (Parent?.All ?? []).Concat(Members);

    /// <inheritdoc/>
    public bool Equals(FamilyType? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A member: in the old version, in the new one, or in both.</summary>
/// <param name="Name">Its name in plain spelling.</param>
/// <param name="Sort">What it holds.</param>
/// <param name="Old">How the old version writes it.</param>
/// <param name="Now">How the new version writes it.</param>
/// <param name="InOld">Whether the old version has it.</param>
/// <param name="InNow">Whether the new version has it.</param>
/// <param name="Initial">What the constructor gives; null for the default of the type.</param>
/// <param name="InBody">Whether the body of the constructor gives it, and not an initialiser.</param>
internal sealed record FamilyMember(string Name, FamilySort Sort, FamilyStyle Old, FamilyStyle Now, bool InOld, bool InNow, string? Initial, bool InBody);

/// <summary>What can stand in a place.</summary>
internal abstract record FamilySort
{
    private FamilySort()
    {
    }

    /// <summary>A value of .NET that changes its type at most to a wider one.</summary>
    public sealed record Leaf(string Old, string Now, string Empty) : FamilySort;

    /// <summary>A value of the family's enum.</summary>
    public sealed record Enumeration : FamilySort;

    /// <summary>A delegate to a named function of the family.</summary>
    public sealed record Function : FamilySort;

    /// <summary>A type of the family.</summary>
    public sealed record Hot(FamilyType Type) : FamilySort;

    /// <summary>Anything.</summary>
    public sealed record Any : FamilySort;

    /// <summary>A collection or wrapper, which may become one of another kind.</summary>
    public sealed record Collection(FamilyCollection Old, FamilyCollection? Becomes, FamilySort Element) : FamilySort
    {
        /// <summary>The kind in the new version.</summary>
        public FamilyCollection Now => Becomes ?? Old;
    }
}

/// <summary>A value in a graph.</summary>
internal abstract record FamilyValue
{
    private FamilyValue()
    {
    }

    /// <summary>An expression that is the same in both versions.</summary>
    public sealed record Text(string Expression) : FamilyValue;

    /// <summary>One of the objects.</summary>
    public sealed record Object(int Index) : FamilyValue;

    /// <summary>A struct and its members.</summary>
    public sealed record Struct(FamilyType Type, IReadOnlyList<(FamilyMember Member, FamilyValue Value)> Members) : FamilyValue;

    /// <summary>A collection and its items.</summary>
    public sealed record Items(FamilySort.Collection Sort, IReadOnlyList<FamilyValue> Values) : FamilyValue;

    /// <summary>A value whose place does not tell its type.</summary>
    public sealed record Boxed(FamilySort Sort, FamilyValue Value) : FamilyValue;
}
