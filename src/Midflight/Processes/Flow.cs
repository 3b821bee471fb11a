namespace Midflight;

/// <summary>Keeps what flows with a caller (<see cref="AsyncLocal{T}"/>, culture, activity) out of the process that runs on its thread, and the other way round.</summary>
/// <remarks>A server must not behave otherwise when it happens to run in place, and a value set by one process is not another's.</remarks>
internal readonly ref struct Flow
{
    // That of a thread on which nothing has ever been set.
    internal static readonly ExecutionContext Clean = CaptureClean();

    private readonly ExecutionContext? _callers;

    private Flow(ExecutionContext? callers) => _callers = callers;

    /// <summary>Leaves the caller's flow aside, until <see cref="Restore"/>.</summary>
    internal static Flow Suspend()
    {
        var callers = ExecutionContext.Capture();

        // Null where the caller has suppressed it: then there is nothing to keep.
        if (callers is not null && callers != Clean)
        {
            ExecutionContext.Restore(Clean);
        }

        return new(callers);
    }

    /// <summary>Puts the caller's flow back.</summary>
    internal void Restore()
    {
        if (_callers is not null && ExecutionContext.Capture() != _callers)
        {
            ExecutionContext.Restore(_callers);
        }
    }

    private static ExecutionContext CaptureClean()
    {
        ExecutionContext? clean = null;
#pragma warning disable RS0030 // It runs no code of an application.
        var thread = new Thread(() => clean = ExecutionContext.Capture()) { IsBackground = true };
#pragma warning restore RS0030
        thread.UnsafeStart();
        thread.Join();
        return clean!;
    }
}
