namespace Midflight.Host;

/// <summary>The switch failed; the message says which process or step caused it.</summary>
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
