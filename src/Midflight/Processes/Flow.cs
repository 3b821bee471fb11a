namespace Midflight;

/// <summary>Keeps what flows with a caller (<see cref="AsyncLocal{T}"/>, culture, activity) out of the process that runs on its thread, and vice versa.</summary>
/// <remarks>A server must not behave differently when it happens to run in place, and a value set by one process does not belong to another.</remarks>
internal readonly ref struct Flow
{
    // That of a thread on which nothing has ever been set.
    internal static readonly ExecutionContext Clean = CaptureClean();

    private readonly ExecutionContext? _callers;

    private Flow(ExecutionContext? callers) => _callers = callers;

    /// <summary>Sets the caller's flow aside, until <see cref="Restore"/>.</summary>
    internal static Flow Suspend()
    {
        var callers = ExecutionContext.Capture();

        // Null if the caller has suppressed it: then there is nothing to keep.
        if (callers is not null && callers != Clean)
        {
            ExecutionContext.Restore(Clean);
        }

        return new(callers);
    }

    /// <summary>Restores the caller's flow.</summary>
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
