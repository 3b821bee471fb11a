using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Logs one readable line for each event, with further lines indented.</summary>
/// <remarks>
/// <para>A line that cannot be written is lost silently.</para>
/// <code>
/// 2026-11-21 07:24:00.123Z info  octochat 0.2.0 started in 41 ms.
/// 2026-11-21 07:24:09.870Z error Process &lt;84&gt; ended: …
///       module:       Octochat.Echo, version octochat 0.2.0 (#1)
/// </code>
/// </remarks>
internal sealed class LineLogger(TextWriter output, TimeProvider time, LogLevel least = LogLevel.Information) : ILogger, IDisposable
{
    // For one event: it may contain a message of another process.
    private const int Longest = 64 * 1024;

    private static readonly TimeSpan s_tell = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly LogFlood _flood = new(time);
    private ITimer? _telling;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var kind = LogFlood.KindOf(eventId, state);
        long leftOut;

        lock (_lock)
        {
            // Before the text is created: a flood is not worth even that.
            if (!_flood.Lets(kind, out leftOut))
            {
                _telling ??= time.CreateTimer(static logger => ((LineLogger)logger!).Tell(), this, s_tell, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}\n{exception}";

        if (leftOut > 0)
        {
            Write(logLevel, $"{leftOut} more like the next one were omitted.");
        }

        Write(logLevel, text.Length <= Longest ? text : $"{text.AsSpan(0, Longest)}… ({text.Length - Longest} characters more)");
    }

    private void Tell()
    {
        List<(string Kind, long LeftOut)> untold;

        lock (_lock)
        {
            _telling?.Dispose();
            _telling = null;
            untold = _flood.Untold();
        }

        foreach (var (kind, leftOut) in untold)
        {
            Write(LogLevel.Warning, $"{leftOut} lines of the event {(kind == "" ? "without a number" : kind)} were omitted: there are too many.");
        }
    }

    private void Write(LogLevel level, string text)
    {
        var line = $"{time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)}Z {Word(level)} " +
            Printable.Text(text.ReplaceLineEndings("\n").TrimEnd('\n')).Replace("\n", "\n    ", StringComparison.Ordinal);

        // As a whole, so that two processes that log at the same time do not mix their lines.
        lock (_lock)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            // For example, the disk is full. A log must not stop the service: the caller continues, above all a supervisor.
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>Reports what was omitted.</summary>
    public void Dispose() => Tell();

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
