namespace Midflight.Host;

/// <summary>The release handler refused; nothing has changed.</summary>
public sealed class ReleaseRefusedException : Exception
{
    internal ReleaseRefusedException(ReleaseRefusal why)
        : base(why.ToString()) => Why = why;

    internal ReleaseRefusedException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Without a reason.</summary>
    public ReleaseRefusedException()
    {
    }

    /// <summary>With a sentence.</summary>
    public ReleaseRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>The reason.</summary>
    public ReleaseRefusal? Why { get; }
}
