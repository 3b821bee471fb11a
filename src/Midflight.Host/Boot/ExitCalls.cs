using Microsoft.Extensions.Logging;

namespace Midflight.Host;

/// <summary>Turns <see cref="Environment.Exit"/> in a package into a clean shutdown: the applications are stopped in reverse order before the operating system process ends.</summary>
/// <remarks>
/// In hot code it is refused, by the <see cref="Weaver"/>. .NET calls back on the thread that calls <c>Exit</c>, and continues when the callback returns. So a Midflight process that
/// has called such a package is blocked, its supervisor waits for it, and whatever was to be stopped after it is cut off when the patience is over.
/// </remarks>
internal sealed partial class ExitCalls : IDisposable
{
    // Longer than a node takes to stop when a process blocks its thread.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _stopped = new();
    private readonly ILogger _logger;
    private readonly Action _stop;

    /// <param name="logger">Told of each call.</param>
    /// <param name="stop">Starts to stop the node.</param>
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
