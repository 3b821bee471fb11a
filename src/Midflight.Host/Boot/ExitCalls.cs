using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Makes an ordered stop of <see cref="Environment.Exit"/> where a package calls it: the applications are stopped in reverse order before the process ends.</summary>
/// <remarks>
/// In hot code it is refused, by the <see cref="Weaver"/>. .NET calls back on the thread that calls <c>Exit</c>, and goes on when that comes back: so a process of Midflight that
/// has called such a package stands still, its supervisor waits for it, and what was to be stopped after that is cut off when patience is at its end.
/// </remarks>
internal sealed partial class ExitCalls : IDisposable
{
    // Longer than a node takes to stop with a process that blocks its thread.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _stopped = new();
    private readonly ILogger _logger;
    private readonly Action _stop;

    /// <param name="logger">Told of each call.</param>
    /// <param name="stop">Begins to stop the node.</param>
    internal ExitCalls(ILogger logger, Action stop)
    {
        (_logger, _stop) = (logger, stop);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    private void OnExit(object? sender, EventArgs e)
    {
        var who = Environment.StackTrace;
        Called(_logger, Environment.ExitCode, who);
        _stop();
        _stopped.Wait(s_patience);
    }

    /// <summary>The node has stopped.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _stopped.Set();
    }

    [LoggerMessage(EventId = 136, EventName = "ExitCalled", Level = LogLevel.Error,
        Message = "Environment.Exit was called with code {Code}. The node shuts down cleanly and ends. End a process with an exit reason instead, or the node with `stop`. {Stack}")]
    private static partial void Called(ILogger logger, int code, string stack);
}
