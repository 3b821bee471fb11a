namespace Midflight;

/// <summary>Why a supervisor did not do what was asked of it.</summary>
public enum ChildRefusal
{
    /// <summary>It has no such child.</summary>
    NotFound,

    /// <summary>The child runs.</summary>
    Running,

    /// <summary>The child is being started again.</summary>
    Restarting,

    /// <summary>A child with that id is known already, and does not run just now.</summary>
    AlreadyPresent,

    /// <summary>A child with that id runs already; <see cref="ChildRefusedException.AlreadyStarted"/> says as which process.</summary>
    AlreadyStarted,

    /// <summary>There are as many children as there may be.</summary>
    MaxChildren,

    /// <summary>The child is significant, which it cannot be: it is permanent, or its supervisor never shuts down by itself.</summary>
    BadCombination,

    /// <summary>The child did not start; the supervisor does not know it.</summary>
    StartFailed,
}

/// <summary>A supervisor did not do what was asked of it; it and its children are as before.</summary>
public sealed class ChildRefusedException : Exception
{
    internal ChildRefusedException(ChildRefusal refusal, string sentence, ExitReason? reason = null)
        : base(sentence, reason?.Exception) => (Refusal, Reason) = (refusal, reason);

    /// <summary>Without details.</summary>
    public ChildRefusedException()
    {
    }

    /// <summary>With a sentence.</summary>
    public ChildRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>With a sentence and a cause.</summary>
    public ChildRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What stood in the way.</summary>
    public ChildRefusal Refusal { get; }

    /// <summary>Why the child did not start, where that was it.</summary>
    public ExitReason? Reason { get; }

    /// <summary>The process that runs under that id or has the child's name, where that is why; else null. OTP's <c>{already_started, Pid}</c>.</summary>
    public Pid? AlreadyStarted => Reason?.AlreadyStarted;
}
