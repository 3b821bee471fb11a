namespace Midflight;

/// <summary>Notices each garbage collection by being collected.</summary>
/// <remarks>Nobody holds it, so the next collection finds it dead and runs its finalizer, which creates another one.</remarks>
internal sealed class CollectionWatch
{
    private readonly WeakReference<NodeMonitor> _monitor;
    private readonly int _generation;

    private CollectionWatch(WeakReference<NodeMonitor> monitor, int generation) => (_monitor, _generation) = (monitor, generation);

    /// <summary>Starts it. It continues as long as the monitor exists and wants it.</summary>
    /// <param name="monitor">The monitor to tell. The monitor itself holds this reference: a weak reference that dies together with this object would be finalized with it.</param>
    /// <param name="generation">Identifies the watch: the monitor drops a watch by moving on to another number.</param>
    internal static void Begin(WeakReference<NodeMonitor> monitor, int generation) => _ = new CollectionWatch(monitor, generation);

    ~CollectionWatch()
    {
        if (_monitor.TryGetTarget(out var monitor) && monitor.Collected(_generation))
        {
            _ = new CollectionWatch(_monitor, _generation);
        }
    }
}
