using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>The reports of supervisors.</summary>
internal static partial class SupervisorLog
{
    [LoggerMessage(EventId = 10, EventName = "ChildEnded", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} {ChildPid} ended: {Reason}. It is {Restart}.")]
    internal static partial void ChildEnded(ILogger logger, Pid pid, string module, string child, Pid childPid, string reason, Restart restart);

    [LoggerMessage(EventId = 11, EventName = "ChildStartFailed", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} did not start: {Reason}")]
    internal static partial void ChildStartFailed(ILogger logger, Pid pid, string module, string child, string reason);

    [LoggerMessage(EventId = 12, EventName = "SupervisorGaveUp", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}) gives up: child {Child} ended once more, and it bears {Intensity}. It stops its other children and ends.")]
    internal static partial void GaveUp(ILogger logger, Pid pid, string module, string child, RestartIntensity intensity);

    [LoggerMessage(EventId = 13, EventName = "ChildShutdownFailed", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} {ChildPid} did not shut down in order: {Reason}. Its shutdown is {Shutdown}.")]
    internal static partial void ShutdownFailed(ILogger logger, Pid pid, string module, string child, Pid childPid, string reason, string shutdown);
}
