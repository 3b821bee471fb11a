namespace Midflight;

/// <summary>A value of another code version could not be converted to this one.</summary>
/// <remarks>The message names the type, the member and the line to write.</remarks>
public class ConversionException : Exception
{
    /// <summary>Without a message.</summary>
    public ConversionException()
    {
    }

    /// <summary>With a sentence that names the type, the member and the line to write.</summary>
    public ConversionException(string message)
        : base(message)
    {
    }

    /// <summary>With the exception that a written conversion threw.</summary>
    public ConversionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
