namespace Midflight;

/// <summary>How a table keeps its entries.</summary>
public enum TableKind
{
    /// <summary>One value for each key, in no order.</summary>
    Set,

    /// <summary>One value for each key, in the order of the keys: strings by their characters' numbers, others by <see cref="IComparable"/>.</summary>
    OrderedSet,

    /// <summary>Any number of values for each key, each once, in the order in which they were inserted.</summary>
    Bag,

    /// <summary>Any number of values for each key, equal ones too, in the order in which they were inserted.</summary>
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
