namespace Midflight.Host;

/// <summary>The switch did not come to its end; the message names the culprit.</summary>
internal sealed class SwitchFailedException : Exception
{
    internal SwitchFailedException(string message)
        : base(message)
    {
    }

    internal SwitchFailedException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
