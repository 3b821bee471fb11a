namespace Midflight;

/// <summary>An application was not started or stopped. Nothing has changed: everything that had been started for it is stopped again.</summary>
public sealed class ApplicationRefusedException : Exception
{
    internal ApplicationRefusedException(string sentence, ExitReason reason)
        : base(sentence, reason.Exception) => Reason = reason;

    /// <summary>Without details.</summary>
    public ApplicationRefusedException()
    {
    }

    /// <summary>With a sentence.</summary>
    public ApplicationRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>With a sentence and a cause.</summary>
    public ApplicationRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Why its start failed, if it had begun.</summary>
    public ExitReason? Reason { get; }
}
