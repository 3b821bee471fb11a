namespace Midflight;

/// <summary>Is told of each garbage collection: by being collected.</summary>
/// <remarks>Nobody holds it, so the next collection finds it dead and has its finalizer run, which makes another one.</remarks>
internal sealed class CollectionWatch
{
    private readonly WeakReference<NodeMonitor> _monitor;
    private readonly int _generation;

    private CollectionWatch(WeakReference<NodeMonitor> monitor, int generation) => (_monitor, _generation) = (monitor, generation);

    /// <summary>Begins, and goes on as long as the monitor is there and wants it.</summary>
    /// <param name="monitor">Who is told. Held by the monitor itself: a weak reference that dies together with this would be finalized with it.</param>
    /// <param name="generation">Names the watch: the monitor forgets one by going on to another number.</param>
    internal static void Begin(WeakReference<NodeMonitor> monitor, int generation) => _ = new CollectionWatch(monitor, generation);

    ~CollectionWatch()
    {
        if (_monitor.TryGetTarget(out var monitor) && monitor.Collected(_generation))
        {
            _ = new CollectionWatch(_monitor, _generation);
        }
    }
}
