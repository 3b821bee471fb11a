using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class ServerLog
{
    [LoggerMessage(EventId = 2, EventName = "UnexpectedMessage", Level = LogLevel.Warning,
        Message = "Process {Pid} ({Module}) got an unexpected message: {Content}. Handle it in HandleInfo.")]
    internal static partial void UnexpectedMessage(ILogger logger, Pid pid, string module, object content);

    [LoggerMessage(EventId = 37, EventName = "MessageNotConverted", Level = LogLevel.Error,
        Message = "Process {Pid} ({Module}) did not get the message {Content}: it is from another code version and could not be converted. {Problem}")]
    internal static partial void NotConverted(ILogger logger, Pid pid, string module, string content, string problem);
}
