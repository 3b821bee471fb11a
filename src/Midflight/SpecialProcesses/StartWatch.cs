namespace Midflight;

/// <summary>A wait until a process reports that it is ready: OTP's <c>proc_lib:start</c>.</summary>
/// <param name="module">The module whose function the process runs.</param>
internal sealed class StartWatch(Type? module)
{
    private readonly TaskCompletionSource<Pid> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<Pid> Task => _ready.Task;

    /// <summary>The process is ready.</summary>
    internal void Ready(Cell cell) => _ready.TrySetResult(cell.Pid);

    /// <summary>It has ended instead. Owner only.</summary>
    /// <remarks>The starter learns it from its start, and not from the link as well.</remarks>
    internal void Failed(Cell cell, ExitReason reason)
    {
        if (cell.Parent is { } parent)
        {
            ServerBody.Forget(cell, parent);
        }

        _ready.TrySetException(new StartFailedException(module ?? typeof(Process), reason));
    }
}
