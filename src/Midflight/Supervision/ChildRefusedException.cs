namespace Midflight;

/// <summary>Why a supervisor refused a request.</summary>
public enum ChildRefusal
{
    /// <summary>It has no such child.</summary>
    NotFound,

    /// <summary>The child is running.</summary>
    Running,

    /// <summary>The child is being restarted.</summary>
    Restarting,

    /// <summary>A child with that id already exists but is not running.</summary>
    AlreadyPresent,

    /// <summary>A child with that id is already running; <see cref="ChildRefusedException.AlreadyStarted"/> says as which process.</summary>
    AlreadyStarted,

    /// <summary>The supervisor has reached its maximum number of children.</summary>
    MaxChildren,

    /// <summary>The child is significant but cannot be: it is permanent, or its supervisor never shuts down by itself.</summary>
    BadCombination,

    /// <summary>The child did not start, and the supervisor has not kept it.</summary>
    StartFailed,
}

/// <summary>A supervisor refused a request. The supervisor and its children are unchanged.</summary>
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

    /// <summary>The cause of the refusal.</summary>
    public ChildRefusal Refusal { get; }

    /// <summary>Why the child did not start, if that is the cause.</summary>
    public ExitReason? Reason { get; }

    /// <summary>The process that runs under that id or has the child's name, if that is the cause; otherwise null. OTP's <c>{already_started, Pid}</c>.</summary>
    public Pid? AlreadyStarted => Reason?.AlreadyStarted;
}
