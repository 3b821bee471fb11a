namespace Midflight.Host;

/// <summary>Retries, every ten seconds as in OTP, to purge old code that was in use when its upgrade was committed.</summary>
internal sealed class PurgeTimer : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(10);
    private readonly Func<Task<bool>> _purge;
    private readonly ITimer _timer;

    /// <param name="time">Measures the seconds.</param>
    /// <param name="purge">Purges what it can, and returns whether nothing is left to purge.</param>
    internal PurgeTimer(TimeProvider time, Func<Task<bool>> purge)
    {
        _purge = purge;
        _timer = time.CreateTimer(static timer => _ = ((PurgeTimer)timer!).Try(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts to retry, until nothing is left.</summary>
    internal void Start() => _timer.Change(s_period, s_period);

    private async Task Try()
    {
        if (await _purge().ConfigureAwait(false))
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();
}
