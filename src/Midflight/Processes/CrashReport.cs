using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>One readable report of a process that ended abnormally.</summary>
internal static partial class CrashReport
{
    /// <summary>Writes it, if the reason calls for one. Owner of the cell only. Never throws.</summary>
    internal static void Write(Cell cell, ExitReason reason, object? lastMessage)
    {
        // Whatever it throws on its way: it has not failed, it was killed.
        if (cell.IsKilled)
        {
            return;
        }

        try
        {
            if (reason.IsAbnormal)
            {
                cell.Node.OnCrashed(cell, reason);
            }

            if (reason.IsAbnormal && cell.Node.Logger.IsEnabled(LogLevel.Error))
            {
                var names = string.Join(", ", cell.Label is { } label ? cell.Names.Append(label) : cell.Names);
                Crashed(
                    cell.Node.Logger,
                    reason.Exception,
                    cell.Pid,
                    names.Length == 0 ? "" : $" ({names})",
                    cell.Body?.ModuleName ?? "?",
                    cell.Body?.Version?.ToString() ?? "not hot",
                    reason.ToString(),
                    Excerpt.Of(lastMessage),
                    Excerpt.Of(cell.Body?.Shown));
            }
        }
        // A failing log or listener must not end the thread, on which other processes run.
        catch (Exception)
        {
        }
    }

    /// <summary>Reports that something a process owned could not be disposed when the process ended. Never throws.</summary>
    internal static void NotDisposed(Cell cell, IDisposable owned, Exception exception)
    {
        try
        {
            DisposeFailed(cell.Node.Logger, exception, cell.Pid, owned.GetType());
        }
        // As above.
        catch (Exception)
        {
        }
    }

    [LoggerMessage(EventId = 1, EventName = "ProcessCrashed", Level = LogLevel.Error, Message = """
        Process {Pid}{Names} ended: {Reason}
          module:       {Module}, version {Version}
          last message: {LastMessage}
          state:        {State}
        """)]
    private static partial void Crashed(
        ILogger logger, Exception? exception, Pid pid, string names, string module, string version, string reason, string lastMessage, string state);

    [LoggerMessage(EventId = 3, EventName = "DisposeFailed", Level = LogLevel.Error,
        Message = "Process {Pid} has ended, but disposing the {Type} that it owned failed. It may still be open.")]
    private static partial void DisposeFailed(ILogger logger, Exception exception, Pid pid, Type type);
}
