using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Exceptions on threads that are not Midflight's: a thread, a timer, a finalizer, or a thread pool item that hot code has created.</summary>
/// <remarks>
/// .NET would end the process. Here the thread or the item ends, and the log names the application whose code is on the
/// stack. An exception with no hot code on its stack still ends the node, because nobody knows what it leaves behind.
/// </remarks>
internal static partial class ForeignFaults
{
    private static volatile ILogger? s_logger;
    private static int s_isSet;

    /// <summary>Handles them from now on, for as long as the operating system process lives.</summary>
    /// <param name="logger">Where they are logged.</param>
    internal static void Catch(ILogger logger)
    {
        s_logger = logger;

        if (Interlocked.Exchange(ref s_isSet, 1) == 0)
        {
            ExceptionHandling.SetUnhandledExceptionHandler(IsTaken);
        }
    }

    private static bool IsTaken(Exception exception)
    {
        if (OwnerOf(exception) is not { } owner || s_logger is not { } logger)
        {
            return false;
        }

        // The text instead of the exception, because what is logged must not keep unloaded code in memory.
        var text = exception.ToString();
        Taken(logger, owner, text);
        return true;
    }

    /// <summary>The hot application whose code is nearest to where an exception was thrown; null if there is none.</summary>
    internal static string? OwnerOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            foreach (var frame in new StackTrace(cause).GetFrames())
            {
                if (frame.GetMethod()?.Module.Assembly is { } assembly
                    && AssemblyLoadContext.GetLoadContext(assembly) is { } context && context != AssemblyLoadContext.Default)
                {
                    return context.Name ?? assembly.GetName().Name;
                }
            }
        }

        return null;
    }

    [LoggerMessage(EventId = 135, EventName = "ForeignFault", Level = LogLevel.Error,
        Message = "An exception of {Owner} was not caught, on a thread that belongs to none of its processes. The thread or work item has ended; the node keeps running. Do that work in a process, or catch what it throws. {Exception}")]
    private static partial void Taken(ILogger logger, string owner, string exception);
}
