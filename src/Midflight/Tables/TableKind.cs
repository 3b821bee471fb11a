namespace Midflight;

/// <summary>How a table keeps its entries.</summary>
public enum TableKind
{
    /// <summary>One value for each key, unordered.</summary>
    Set,

    /// <summary>One value for each key, ordered by key: strings by character codes, others by <see cref="IComparable"/>.</summary>
    OrderedSet,

    /// <summary>Any number of distinct values for each key, in insertion order.</summary>
    Bag,

    /// <summary>Any number of values for each key, including equal ones, in insertion order.</summary>
    DuplicateBag,
}

/// <summary>Who may use a table besides its owner.</summary>
public enum TableAccess
{
    /// <summary>Others may read.</summary>
    Protected,

    /// <summary>Others may read and write.</summary>
    Public,

    /// <summary>Nobody else.</summary>
    Private,
}
