namespace Midflight.Host;

/// <summary>An upgrade failed after it had begun. As a rule it was rolled back, and the node serves on with the code and the states from before.</summary>
/// <remarks>The message says what serves; the permanent release is still the one from before.</remarks>
public sealed class UpgradeFailedException : Exception
{
    /// <summary>With what failed, in a whole sentence.</summary>
    public UpgradeFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With what failed and its cause.</summary>
    public UpgradeFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the code and states from before serve; if not, the node must be restarted.</summary>
    internal bool IsRolledBack { get; init; } = true;

    /// <summary>Without details.</summary>
    public UpgradeFailedException()
    {
    }
}
