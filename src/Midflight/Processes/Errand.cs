using System.Threading.Tasks.Sources;

namespace Midflight;

/// <summary>What a process does for somebody outside of processes: a request of a web server, say.</summary>
/// <remarks>
/// <para>
/// Its function is not hot, and what it calls is. So it says itself which code version that is; the process counts as running it until it ends,
/// and stays in it.
/// </para>
/// <para>
/// It runs where who wants it runs: it begins on the calling thread, goes on on the thread pool when it has awaited something, and whoever waits for it
/// goes on on the thread that has ended it. No slice of it waits for the scheduler's threads, nor do those wait for it. In all else it is a process as any other.
/// </para>
/// </remarks>
internal abstract class Errand : IValueTaskSource
{
    // Set once, by who has run the last slice of the process and is out of it.
    private ManualResetValueTaskSourceCore<bool> _over;

    // Written in the process.
    private bool _isDone;
    private Exception? _failure;

    /// <param name="version">The code version that it runs; null for code which is not hot.</param>
    private protected Errand(CodeVersion? version) => Version = version;

    /// <summary>The code version that it runs; null for code which is not hot.</summary>
    internal CodeVersion? Version { get; }

    /// <summary>As shown to people in the place of a module.</summary>
    internal abstract string Title { get; }

    /// <summary>Does it, in the process.</summary>
    private protected abstract Task Carry();

    /// <summary>The process was ended before it was done. Called out of the process, ahead of who waits.</summary>
    /// <returns>What that one is told.</returns>
    private protected abstract Exception Aborted();

    /// <summary>Starts the process and waits for its end. Once.</summary>
    /// <returns>Faulted with what it throws.</returns>
    internal ValueTask Run(Node node)
    {
        Scheduler.Begin(new Cell(node, null) { IsErrand = true, Body = new FunctionBody(new Next.Plain(Function, qualified: false)) });
        return new(this, _over.Version);
    }

    private async ProcessTask Function()
    {
        try
        {
            await Carry();
        }
        // It is for who waits, and no crash.
        catch (Exception exception)
        {
            _failure = exception;
        }

        _isDone = true;
    }

    /// <summary>Its process has ended, in a slice that this thread has run and is out of.</summary>
    internal void Ended()
    {
        if ((_isDone ? _failure : Aborted()) is { } failure)
        {
            _over.SetException(failure);
        }
        else
        {
            _over.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => _over.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _over.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _over.OnCompleted(continuation, state, token, flags);
}
