using System.Diagnostics;
using Midflight.Testing;

namespace Midflight.Cases;

/// <summary>Lets the clock of a node go as fast as a real one, so that what takes too long is seen to.</summary>
internal sealed class RunningClock : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    private readonly Timer _timer;

    public RunningClock(ManualTime time)
    {
        var watch = Stopwatch.StartNew();
        var at = TimeSpan.Zero;
        var isBusy = 0;
        _timer = new Timer(_ =>
        {
            if (Interlocked.Exchange(ref isBusy, 1) == 0)
            {
                var now = watch.Elapsed;
                time.Advance(now - at);
                (at, isBusy) = (now, 0);
            }
        }, null, s_step, s_step);
    }

    public void Dispose() => _timer.Dispose();
}
