using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>The reports of the application controller.</summary>
internal static partial class ApplicationLog
{
    [LoggerMessage(EventId = 20, EventName = "ApplicationStarted", Level = LogLevel.Information, Message = "Application {Name} {Version} started.")]
    internal static partial void Started(ILogger logger, string name, string version);

    [LoggerMessage(EventId = 21, EventName = "ApplicationStopped", Level = LogLevel.Information, Message = "Application {Name} {Version} stopped.")]
    internal static partial void Stopped(ILogger logger, string name, string version);

    [LoggerMessage(EventId = 22, EventName = "ApplicationEnded", Level = LogLevel.Error,
        Message = "Application {Name} {Version} ended: {Reason}. It is {Mode}{Consequence}.")]
    internal static partial void Ended(ILogger logger, string name, string version, string reason, StartMode mode, string consequence);

    [LoggerMessage(EventId = 23, EventName = "ApplicationCallbackFailed", Level = LogLevel.Error,
        Message = "Application {Name}: {Callback} threw. The application is stopped anyway.")]
    internal static partial void CallbackFailed(ILogger logger, Exception exception, string name, string callback);
}
