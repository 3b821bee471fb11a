using System.Threading.Tasks.Sources;

namespace Midflight;

/// <summary>Work that a process does for code outside processes, such as a web server's request.</summary>
/// <remarks>
/// <para>
/// Its function is not hot, but it calls hot code. So it states itself which code version that is. The process counts as running that version until it ends,
/// and does not move to another.
/// </para>
/// <para>
/// It runs on the threads of the code that wants it: it starts on the calling thread and continues on the thread pool after it has awaited something. The code that waits for it
/// continues on the thread that has ended it. It never waits for the scheduler's threads, nor do they wait for it. Otherwise it is a process like any other.
/// </para>
/// </remarks>
internal abstract class Errand : IValueTaskSource
{
    // Set once, by the thread that has run the last slice of the process and left it.
    private ManualResetValueTaskSourceCore<bool> _over;

    // Written in the process.
    private bool _isDone;
    private Exception? _failure;

    /// <param name="version">The code version that it runs; null for code that is not hot.</param>
    private protected Errand(CodeVersion? version) => Version = version;

    /// <summary>The code version that it runs; null for code that is not hot.</summary>
    internal CodeVersion? Version { get; }

    /// <summary>What people see in place of a module.</summary>
    internal abstract string Title { get; }

    /// <summary>Does the work, in the process.</summary>
    private protected abstract Task Carry();

    /// <summary>Called when the process ended before the work was done: outside the process, before the waiting code continues.</summary>
    /// <returns>The exception for the waiting code.</returns>
    private protected abstract Exception Aborted();

    /// <summary>Starts the process and waits for its end. Call it once.</summary>
    /// <returns>A task that fails with what the work throws.</returns>
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
        // It goes to the waiting code, and is not a crash.
        catch (Exception exception)
        {
            _failure = exception;
        }

        _isDone = true;
    }

    /// <summary>Its process has ended, in a slice that this thread has run and left.</summary>
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
