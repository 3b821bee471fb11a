using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Logs one readable line for each event, the further lines of it indented.</summary>
/// <remarks>
/// <para>A line that cannot be written is lost, without a word to who logs it.</para>
/// <code>
/// 2026-11-21 07:24:00.123Z info  octochat 0.2.0 started in 41 ms.
/// 2026-11-21 07:24:09.870Z error Process &lt;84&gt; ended: …
///       module:       Octochat.Echo, version octochat 0.2.0 (#1)
/// </code>
/// </remarks>
internal sealed class LineLogger(TextWriter output, TimeProvider time, LogLevel least = LogLevel.Information) : ILogger
{
    private readonly Lock _lock = new();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}\n{exception}";
        var line = $"{time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)}Z {Word(logLevel)} " +
            text.ReplaceLineEndings("\n").TrimEnd('\n').Replace("\n", "\n    ", StringComparison.Ordinal);

        // Whole, so that two processes that log at once do not mix their lines.
        lock (_lock)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            // The disk is full, say. A log is not worth a service: whoever logs goes on, a supervisor first of all.
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
