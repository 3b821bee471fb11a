namespace Midflight;

/// <summary>A behaviour was not started.</summary>
public sealed class StartFailedException : Exception
{
    internal StartFailedException(Type module, ExitReason reason)
        : base($"{module.FullName} was not started: {reason}.", reason.Exception) => Reason = reason;

    internal StartFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Says again to another process what was told to the one that tried.</summary>
    internal StartFailedException(string message, ExitReason reason)
        : base(message, reason.Exception) => Reason = reason;

    /// <summary>Without details.</summary>
    public StartFailedException()
    {
    }

    /// <summary>With a cause.</summary>
    public StartFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Why Init failed, where it ran.</summary>
    public ExitReason? Reason { get; }
}
