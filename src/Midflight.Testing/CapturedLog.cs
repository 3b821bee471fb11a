using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Midflight.Testing;

/// <summary>Keeps a node's log for a test to read.</summary>
public sealed class CapturedLog : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>The logged lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);

        // The exception's text rather than the exception, because a log must not keep unloaded code in memory.
        _lines.Enqueue(new(logLevel, eventId, formatter(state, exception), exception?.ToString()));
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}

/// <summary>A logged line.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Event">Its event.</param>
/// <param name="Message">The text.</param>
/// <param name="Exception">The exception's text; null if there was none.</param>
public sealed record LogLine(LogLevel Level, EventId Event, string Message, string? Exception);
