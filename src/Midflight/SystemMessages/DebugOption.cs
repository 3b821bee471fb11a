using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>Something that <see cref="Sys"/> can switch on for a process.</summary>
internal abstract partial class DebugOption
{
    private DebugOption()
    {
    }

    /// <summary>Identifies it: a second one with the same name is not added.</summary>
    internal abstract string Name { get; }

    /// <summary>Handles an event. Owner only.</summary>
    /// <returns>False when it is done and should be removed.</returns>
    internal abstract bool See(Cell cell, DebugEvent happened);

    /// <summary>The same for a process that moves to another code version; null if it cannot move along.</summary>
    internal virtual DebugOption? In(CodeVersion target) => this;

    /// <summary>Writes each event to the node's log.</summary>
    internal sealed partial class Trace : DebugOption
    {
        internal override string Name => "trace";

        internal override bool See(Cell cell, DebugEvent happened)
        {
            Write(cell, happened);
            return true;
        }
    }

    /// <summary>Keeps the last events.</summary>
    /// <remarks>As text: the values may belong to code that will be purged, and a log must not keep it in memory.</remarks>
    internal sealed class Log(int length) : DebugOption
    {
        private readonly Queue<string> _events = new();

        internal override string Name => "log";

        internal IReadOnlyList<string> Events => [.. _events];

        internal override bool See(Cell cell, DebugEvent happened)
        {
            if (_events.Count == length)
            {
                _events.Dequeue();
            }

            _events.Enqueue(happened.ToString());
            return true;
        }

        internal void Print(Cell cell)
        {
            foreach (var happened in _events)
            {
                Write(cell, happened);
            }
        }
    }

    /// <summary>Counts.</summary>
    internal sealed class Statistics(DateTimeOffset since) : DebugOption
    {
        private long _in;
        private long _out;

        internal override string Name => "statistics";

        internal ProcessStatistics Now(Cell cell) => new(since, cell.Node.Time.GetUtcNow(), _in, _out);

        internal override bool See(Cell cell, DebugEvent happened)
        {
            switch (happened)
            {
                case DebugEvent.Called or DebugEvent.WasCast or DebugEvent.Received:
                    _in++;
                    break;
                case DebugEvent.Replied or DebugEvent.Sent:
                    _out++;
                    break;
            }

            return true;
        }
    }

    /// <summary>A function that somebody installed.</summary>
    internal sealed class Function(string id, Func<DebugEvent, bool> function) : DebugOption
    {
        internal override string Name => NameOf(id);

        internal static string NameOf(string id) => $"function {id}";

        internal override bool See(Cell cell, DebugEvent happened)
        {
            try
            {
                return function(happened);
            }
            // As in OTP, it is removed, and the process is not disturbed.
            catch (Exception)
            {
                return false;
            }
        }

        internal override DebugOption? In(CodeVersion target)
        {
            try
            {
                return Door.Into(target, function) is var known && known == (object)function ? this : new Function(id, (Func<DebugEvent, bool>)known!);
            }
            // A closure of the old code: it is removed with that code.
            catch (ConversionException)
            {
                return null;
            }
        }
    }

    private static void Write(Cell cell, object happened)
    {
        var logger = cell.Node.Logger;

        if (logger.IsEnabled(LogLevel.Information))
        {
            var process = cell.Names is [var name, ..] ? name : cell.Pid.ToString();
            var text = happened.ToString();
            Write(logger, process, text);
        }
    }

    [LoggerMessage(EventId = 6, EventName = "Debug", Level = LogLevel.Information, Message = "*DBG* {Process} {Event}")]
    private static partial void Write(ILogger logger, string process, string? @event);
}
