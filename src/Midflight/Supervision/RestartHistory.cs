namespace Midflight;

/// <summary>The restarts of one supervisor within its window.</summary>
internal sealed class RestartHistory(TimeProvider time)
{
    private readonly Queue<long> _restarts = new();

    internal int Count => _restarts.Count;

    /// <summary>Counts a restart.</summary>
    /// <returns>False if there are now too many.</returns>
    internal bool Add(RestartIntensity intensity)
    {
        var now = time.GetTimestamp();

        while (_restarts.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= intensity.Within)
        {
            _restarts.Dequeue();
        }

        _restarts.Enqueue(now);
        return _restarts.Count <= intensity.Restarts;
    }
}
