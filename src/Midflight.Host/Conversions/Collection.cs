namespace Midflight.Host;

/// <summary>How the collections of one closed type are taken apart and put together, through their own API.</summary>
/// <remarks>Closed over types of one version only: a type closed over two would keep the older one loaded with the newer.</remarks>
internal abstract class Collection
{
    /// <summary>Whether it hashes or compares what it holds, so that this must be whole when it comes in.</summary>
    public abstract bool Compares { get; }

    /// <summary>Whether no two of its elements or keys are equal.</summary>
    public virtual bool IsUnique => Compares;

    /// <summary>Whether one can be empty first and filled later.</summary>
    public abstract bool Grows { get; }

    /// <summary>What it compares its elements or keys with; null where that is the default of .NET, or nothing.</summary>
    public abstract object? Comparer(object collection);

    /// <summary>What it compares its values with; null where that is the default of .NET, or nothing.</summary>
    public virtual object? ValueComparer(object collection) => null;

    /// <summary>Takes one apart.</summary>
    public abstract Contents Take(object collection);

    /// <summary>An empty one; only where it grows.</summary>
    public virtual object Start(int count, object? comparer) => throw new NotSupportedException("It is built at once.");

    /// <summary>Adds to one that grows.</summary>
    /// <returns>Whether that was added; false where there is an equal one.</returns>
    public virtual bool Add(object started, object? item, object? value) => throw new NotSupportedException("It is built at once.");

    /// <summary>A whole one; only where it does not grow.</summary>
    public virtual object Build(Contents contents) => throw new NotSupportedException("It grows.");

    /// <summary>How many there are in a whole one.</summary>
    public virtual int Count(object built) => throw new NotSupportedException("It grows.");

    /// <summary>What stands for each element in a collection of which a part is held elsewhere: the nodes of a linked list. Nothing for most.</summary>
    public virtual IEnumerable<object> Nodes(object collection) => [];
}

/// <summary>What is in a collection.</summary>
/// <param name="Items">Its elements or keys, in the order in which they go in again; null for an array that is not there at all.</param>
/// <param name="Values">Its values or priorities, or null.</param>
internal readonly record struct Contents(object?[]? Items, object?[]? Values = null)
{
    /// <summary>What it compares elements or keys with.</summary>
    public object? Comparer { get; init; }

    /// <summary>What it compares values with.</summary>
    public object? ValueComparer { get; init; }
}
