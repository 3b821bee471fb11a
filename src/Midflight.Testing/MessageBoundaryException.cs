namespace Midflight.Testing;

/// <summary>A scenario does not end the same wherever the code changes: a line for each boundary, with what was held there and what was expected. See <see cref="MessageBoundaries"/>.</summary>
public sealed class MessageBoundaryException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public MessageBoundaryException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">A line for each boundary.</param>
    public MessageBoundaryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">A line for each boundary.</param>
    /// <param name="innerException">What was the reason.</param>
    public MessageBoundaryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
