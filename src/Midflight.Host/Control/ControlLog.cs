using Microsoft.Extensions.Logging;

namespace Midflight.Host.Control;

/// <summary>What the control channel logs.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Control channel listens at {Socket}.")]
    public static partial void Listening(ILogger logger, string socket);

    [LoggerMessage(Level = LogLevel.Error, Message = "The request `{Method}` failed. The client was told; the node goes on.")]
    public static partial void RequestFailed(ILogger logger, string method, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client of the control channel sent a line of more than {Longest} bytes and was disconnected.")]
    public static partial void LineTooLong(ILogger logger, int longest);
}
