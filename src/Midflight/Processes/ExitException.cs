namespace Midflight;

/// <summary>Ends the process that throws it, with a reason of its own.</summary>
public sealed class ExitException : Exception
{
    /// <summary>Carries a reason.</summary>
    public ExitException(ExitReason reason)
        : base($"The process exits: {reason}") => Reason = reason;

    /// <summary>Carries <see cref="ExitReason.Normal"/>.</summary>
    public ExitException()
        : this(ExitReason.Normal)
    {
    }

    /// <summary>Carries a text as the reason.</summary>
    public ExitException(string message)
        : base(message) => Reason = ExitReason.Other(message);

    /// <summary>Carries an exception as the reason.</summary>
    public ExitException(string message, Exception innerException)
        : base(message, innerException) => Reason = ExitReason.Error(innerException);

    /// <summary>Why the process ends.</summary>
    public ExitReason Reason { get; }

    internal static ExitReason ReasonOf(Exception exception) => exception is ExitException exit ? exit.Reason : ExitReason.Error(exception);
}
