namespace Midflight.Host;

/// <summary>Runs what needs a deep stack, on threads that are kept: one that had converted values and ended would be in the way of an unload (<see cref="EndingThreads"/>).</summary>
internal static class DeepStack
{
    // Deep enough for a list of a million nodes that hold one another. Only what is used of it takes memory.
    private const int Size = 1 << 30;

    // As many as were ever needed at once.
    private static readonly Stack<Worker> s_idle = [];

    /// <summary>Runs something, and waits for it.</summary>
    /// <returns>What it threw, or null.</returns>
    internal static Exception? Run(Action action)
    {
        Worker? worker;

        lock (s_idle)
        {
            s_idle.TryPop(out worker);
        }

        worker ??= new();
        var failure = worker.Do(action);

        lock (s_idle)
        {
            s_idle.Push(worker);
        }

        return failure;
    }

#pragma warning disable CA1001 // It lives as long as the process, and its semaphores with it.
    private sealed class Worker
    {
        private readonly SemaphoreSlim _asked = new(0);
        private readonly SemaphoreSlim _done = new(0);
        private Action? _action;
        private Exception? _failure;

        internal Worker() => LastingThread.Start("Midflight deep", Serve, Size);

        internal Exception? Do(Action action)
        {
            _action = action;
            _asked.Release();
            _done.Wait();
            return _failure;
        }

        private void Serve()
        {
            _asked.Wait();
            _failure = null;

            try
            {
                _action!();
            }
            // Whatever it is, it belongs to the thread that waits.
            catch (Exception exception)
            {
                _failure = exception;
            }

            // Nothing of it is held by a thread that waits.
            _action = null;
            _done.Release();
        }
    }
#pragma warning restore CA1001
}
