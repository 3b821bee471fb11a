namespace Midflight;

/// <summary>The outcome of a job.</summary>
/// <param name="Value">The result, if it succeeded.</param>
/// <param name="Failure">Why it ended without a result; null if it succeeded.</param>
public readonly record struct JobOutcome<T>(T? Value, ExitReason? Failure)
{
    /// <summary>Whether there is a result.</summary>
    public bool Succeeded => Failure is null;
}

/// <summary>The outcome of the job for one item of a stream.</summary>
/// <param name="Item">The item.</param>
/// <param name="Value">The result, if it succeeded.</param>
/// <param name="Failure">Why it ended without a result; null if it succeeded.</param>
public readonly record struct JobOutcome<TItem, T>(TItem Item, T? Value, ExitReason? Failure)
{
    /// <summary>Whether there is a result.</summary>
    public bool Succeeded => Failure is null;
}
