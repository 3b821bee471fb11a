using Microsoft.Extensions.Logging;

namespace Midflight;

internal static partial class AgentLog
{
    [LoggerMessage(EventId = 34, EventName = "AgentFunctionNotRun", Level = LogLevel.Warning,
        Message = "Process {Pid} ({Module}) got a cast with a function that it cannot run: {Reason}")]
    internal static partial void NotRun(ILogger logger, Pid pid, string module, string reason);
}
