using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>Reports a process that does not yield its thread: OTP's <c>long_schedule</c>, with the stack.</summary>
internal static partial class RunawayLog
{
    /// <summary>Writes it. Never throws.</summary>
    /// <param name="cell">The process, which may keep running.</param>
    /// <param name="milliseconds">How long it has run.</param>
    /// <param name="stack">Where it is; null if it could not be asked.</param>
    internal static void Write(Cell cell, long milliseconds, StackTrace? stack)
    {
        try
        {
            var names = string.Join(", ", cell.Names);
            Runaway(
                cell.Node.Logger,
                cell.Pid,
                names.Length == 0 ? "" : $" ({names})",
                milliseconds,
                cell.Body?.ModuleName ?? "?",
                cell.Body?.Version?.ToString() ?? "not hot",
                stack?.ToString().TrimEnd() ?? "   unknown: it, or a server that it calls, blocks its thread or runs code without safepoints. A memory dump shows it.");
        }
        // A failing log must not end the thread, and a body can change while it is read from outside.
        catch (Exception)
        {
        }
    }

    [LoggerMessage(EventId = 4, EventName = "LongSchedule", Level = LogLevel.Warning, Message = """
        Process {Pid}{Names} has not yielded its thread for {Milliseconds} ms. Other processes keep running; if it does not end, kill it.
          module: {Module}, version {Version}
          stack:
        {Stack}
        """)]
    private static partial void Runaway(ILogger logger, Pid pid, string names, long milliseconds, string module, string version, string stack);
}
