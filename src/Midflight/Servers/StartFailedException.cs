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

    /// <summary>The name or key is another process's.</summary>
    internal static StartFailedException Taken(string what, ExitReason reason) => new(
        $"{what} was not started: {reason}. Use that one, or choose another name.", reason);

    /// <summary>Why: how Init failed, or who has the name. Null where it was neither.</summary>
    public ExitReason? Reason { get; }

    /// <summary>The process that has the name already, where that is why; else null. OTP's <c>{already_started, Pid}</c>.</summary>
    /// <remarks>It may be in its Init still, and it may have ended meanwhile.</remarks>
    public Pid? AlreadyStarted => Reason?.AlreadyStarted;
}
