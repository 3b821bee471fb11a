using Midflight.Host.Control.Requests;

namespace Midflight.Observer;

/// <summary>The figures of the last minutes, one a second, taken while somebody looks at them.</summary>
internal sealed class Samples(NodeClient node, TimeProvider time) : IDisposable
{
    private const int Most = 180;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _over = new();

    // Owned by the lock.
    private readonly Queue<FiguresReply> _taken = [];
    private long _asked;
    private bool _takes;

    /// <summary>What was taken so far, the oldest first; goes on for some minutes.</summary>
    internal IReadOnlyList<FiguresReply> Look()
    {
        lock (_lock)
        {
            _asked = time.GetTimestamp();

            if (!_takes)
            {
                _takes = true;
                _taken.Clear();
                _ = Take();
            }

            return [.. _taken];
        }
    }

    private async Task Take()
    {
        try
        {
            while (true)
            {
                var figures = await Ask().ConfigureAwait(false);

                lock (_lock)
                {
                    // A node that has begun anew counts anew.
                    if (figures is null || (_taken.Count > 0 && figures.Reductions < _taken.Last().Reductions))
                    {
                        _taken.Clear();
                    }

                    if (figures is not null)
                    {
                        _taken.Enqueue(figures);
                    }

                    if (_taken.Count > Most)
                    {
                        _taken.Dequeue();
                    }

                    if (time.GetElapsedTime(_asked) > s_patience)
                    {
                        _takes = false;
                        return;
                    }
                }

                await Task.Delay(s_second, time, _over.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<FiguresReply?> Ask()
    {
        try
        {
            return await node.Call<FiguresRequest, FiguresReply>(new(), null, _over.Token).ConfigureAwait(false);
        }
        catch (ObserverException)
        {
            return null;
        }
    }

    public void Dispose() => _over.Cancel();
}
