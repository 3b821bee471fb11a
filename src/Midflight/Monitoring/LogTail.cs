using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>Hands on what a node logs, and keeps the last lines for whoever looks at the node. Any thread.</summary>
internal sealed class LogTail(ILogger to, TimeProvider time) : ILogger
{
    // Lines that are kept, and characters of one.
    private const int Most = 300;
    private const int Longest = 2_000;

    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = [];
    private long _last;

    /// <summary>What is kept of the lines behind a number, the oldest first.</summary>
    internal (long Last, LogLine[] Lines) After(long number)
    {
        lock (_lock)
        {
            return (_last, [.. _lines.Where(line => line.Number > number)]);
        }
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => to.BeginScope(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => to.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            // Text and no state: that may be of hot code, and would keep it in memory.
            var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}\n{Excerpt.Of(exception)}";
            text = text.Length <= Longest ? text : text[..Longest] + "…";

            lock (_lock)
            {
                _lines.Enqueue(new(++_last, time.GetUtcNow(), logLevel, eventId.Name, text));

                if (_lines.Count > Most)
                {
                    _lines.Dequeue();
                }
            }
        }

        to.Log(logLevel, eventId, state, exception, formatter);
    }
}

/// <summary>A line of a node's log.</summary>
internal sealed record LogLine(long Number, DateTimeOffset At, LogLevel Level, string? Event, string Text);
