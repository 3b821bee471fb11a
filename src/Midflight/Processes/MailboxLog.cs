using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class MailboxLog
{
    [LoggerMessage(EventId = 7, EventName = "MailboxFull", Level = LogLevel.Error,
        Message = "More than {Limit} messages wait for process {Pid} ({Module}), its MailboxLimit. {What}; find out what delays it, or who sends so much. More in the next minute are only counted.")]
    internal static partial void Full(ILogger logger, Pid pid, string? module, int limit, string what);
}
