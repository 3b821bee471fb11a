using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>The reports of supervisors.</summary>
internal static partial class SupervisorLog
{
    /// <summary>Fails a call that no supervisor understands. Its caller is told, and the children live on.</summary>
    internal static void Refuse(From caller, string module, object request) => caller.Call!.Fail(new NotSupportedException(
        $"{module} is a supervisor and does not understand the call {Excerpt.Of(request, longest: 200)}. Call its children, or use the functions of Supervisor and DynamicSupervisor."));

    [LoggerMessage(EventId = 15, EventName = "SupervisorUnexpectedCast", Level = LogLevel.Warning,
        Message = "Supervisor {Pid} ({Module}) got a cast, which it does not accept: {Content}. Cast to its children.")]
    internal static partial void UnexpectedCast(ILogger logger, Pid pid, string module, object content);

    [LoggerMessage(EventId = 10, EventName = "ChildEnded", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} {ChildPid} ended: {Reason}. It is {Restart}.")]
    internal static partial void ChildEnded(ILogger logger, Pid pid, string module, string child, Pid childPid, string reason, Restart restart);

    [LoggerMessage(EventId = 11, EventName = "ChildStartFailed", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} did not start: {Reason}")]
    internal static partial void ChildStartFailed(ILogger logger, Pid pid, string module, string child, string reason);

    [LoggerMessage(EventId = 12, EventName = "SupervisorGaveUp", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}) gives up: child {Child} ended again, and its limit is {Intensity}. It stops its other children and ends.")]
    internal static partial void GaveUp(ILogger logger, Pid pid, string module, string child, RestartIntensity intensity);

    [LoggerMessage(EventId = 13, EventName = "ChildShutdownFailed", Level = LogLevel.Error,
        Message = "Supervisor {Pid} ({Module}): child {Child} {ChildPid} did not shut down cleanly: {Reason}. Its shutdown is {Shutdown}.")]
    internal static partial void ShutdownFailed(ILogger logger, Pid pid, string module, string child, Pid childPid, string reason, string shutdown);
}
