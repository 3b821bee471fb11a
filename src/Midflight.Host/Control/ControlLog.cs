using Microsoft.Extensions.Logging;

namespace Midflight.Host.Control;

/// <summary>What the control channel logs.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(EventId = 170, EventName = "ControlListens", Level = LogLevel.Debug, Message = "The control channel is listening at {Socket}.")]
    public static partial void Listening(ILogger logger, string socket);

    [LoggerMessage(EventId = 171, EventName = "RequestFailed", Level = LogLevel.Error, Message = "The request `{Method}` failed. The client was told; the node keeps running.")]
    public static partial void RequestFailed(ILogger logger, string method, Exception error);

    [LoggerMessage(EventId = 172, EventName = "LineTooLong", Level = LogLevel.Warning, Message = "A client of the control channel sent a line of more than {Longest} bytes, or more than fits beside the lines of others, and was disconnected.")]
    public static partial void LineTooLong(ILogger logger, int longest);

    [LoggerMessage(EventId = 173, EventName = "ControlFull", Level = LogLevel.Warning, Message = "{Count} clients of the control channel are connected, which is the limit. Another one was told to try again later.")]
    public static partial void TooManyClients(ILogger logger, int count);

    [LoggerMessage(EventId = 174, EventName = "ControlNotRead", Level = LogLevel.Warning, Message = "A client of the control channel has not read its answers for {Time} and was disconnected.")]
    public static partial void NotRead(ILogger logger, TimeSpan time);
}
