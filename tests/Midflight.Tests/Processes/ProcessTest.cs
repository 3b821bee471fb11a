using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Midflight.Tests.Processes;

/// <summary>A node of its own for each test, with a clock that the test moves and a log that it reads.</summary>
public abstract class ProcessTest : IAsyncLifetime
{
    // Far more than any test needs: a test that hangs shall say so.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Recorder _log = new();

    private protected ProcessTest() => Node = new Node(_log, Time);

    private protected SteppedTime Time { get; } = new();

    private protected Node Node { get; }

    private protected IEnumerable<string> Logged => _log.Lines;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await Node.DisposeAsync();

    /// <summary>Runs the body of a test as a process.</summary>
    private protected Task Run(Func<Task> body) => Node.Run(body).WaitAsync(Patience);

    /// <summary>Lets the others run until something is so.</summary>
    private protected static async Task Until(Func<bool> isSo)
    {
        var since = System.Diagnostics.Stopwatch.GetTimestamp();

        while (!isSo())
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(since) < Patience, "It did not come about.");
            await Task.Yield();
        }
    }

    /// <summary>The end of a process.</summary>
    private protected static async Task<ExitReason> EndOf(Pid process)
    {
        var monitor = Process.Monitor(process);
        return (await Process.Receive<Down>(down => down.Ref == monitor)).Reason;
    }

    /// <summary>The end of a process, monitored before what causes it: for its reason.</summary>
    private protected static async Task<ExitReason> EndOf(Pid process, Action cause)
    {
        var monitor = Process.Monitor(process);
        cause();
        return (await Process.Receive<Down>(down => down.Ref == monitor)).Reason;
    }

    private protected static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private sealed class Recorder : ILogger
    {
        internal ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));
    }
}
