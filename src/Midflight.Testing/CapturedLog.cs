using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Midflight.Testing;

/// <summary>Keeps what a node logs, for a test to read.</summary>
public sealed class CapturedLog : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>What was logged, oldest first.</summary>
    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);

        // The text of the exception, not the exception: a log must not keep unloaded code in memory.
        _lines.Enqueue(new(logLevel, eventId, formatter(state, exception), exception?.ToString()));
    }

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}

/// <summary>Something that was logged.</summary>
/// <param name="Level">How grave.</param>
/// <param name="Event">Which kind.</param>
/// <param name="Message">As a person reads it.</param>
/// <param name="Exception">The exception's text; null if there was none.</param>
public sealed record LogLine(LogLevel Level, EventId Event, string Message, string? Exception);
