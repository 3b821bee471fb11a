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

    /// <summary>Repeats for another process what the process that tried was told.</summary>
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

    /// <summary>The name or key belongs to another process.</summary>
    internal static StartFailedException Taken(string what, ExitReason reason) => new(
        $"{what} was not started: {reason}. Use that one, or choose another name.", reason);

    /// <summary>Why: how Init failed, or which process has the name; null for other causes.</summary>
    public ExitReason? Reason { get; }

    /// <summary>The process that already has the name, if that is the cause; otherwise null. OTP's <c>{already_started, Pid}</c>.</summary>
    /// <remarks>It may still be in its Init, and it may have ended meanwhile.</remarks>
    public Pid? AlreadyStarted => Reason?.AlreadyStarted;
}
