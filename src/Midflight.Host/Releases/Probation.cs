namespace Midflight.Host;

/// <summary>Watches new code for a time: how many of its processes end abnormally, and the health of the applications.</summary>
/// <remarks>It exists before the first process runs new code, so that no end is missed while the switch is recorded.</remarks>
internal sealed class Probation : IDisposable
{
    private static readonly TimeSpan s_healthPeriod = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Node _node;
    private readonly IReadOnlySet<CodeVersion> _versions;
    private readonly InstallSettings _settings;
    private int _crashes;

    internal Probation(Node node, IReadOnlySet<CodeVersion> versions, InstallSettings settings)
    {
        (_node, _versions, _settings) = (node, versions, settings);
        node.Crashed += Crashed;
    }

    public void Dispose() => _node.Crashed -= Crashed;

    /// <summary>Waits until the time is over, too many processes have ended, or the node ends.</summary>
    /// <param name="nodeEnds">Completes when the node starts to end: then there is nothing more to watch.</param>
    /// <param name="failed">Completes with a reason when something else has failed. Default: never.</param>
    /// <param name="early">Completes when somebody ends it early: with the reason to roll back, or null. Default: never.</param>
    /// <returns>A whole sentence that says why it did not pass; null if it passed, if there is no probation, or if the node ends.</returns>
    internal async Task<string?> Watch(Task nodeEnds, Task<string>? failed = null, Task<string?>? early = null)
    {
        _ = failed?.ContinueWith(
            static (failed, to) => ((TaskCompletionSource<string>)to!).TrySetResult(failed.Result),
            _failed,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        if (_settings.Probation <= TimeSpan.Zero)
        {
            return null;
        }

        using var ended = new CancellationTokenSource();
        var time = Task.Delay(_settings.Probation, _node.Time, ended.Token);
        var health = WatchHealth(ended.Token);
        await Task.WhenAny([_failed.Task, nodeEnds, time, .. early is null ? Array.Empty<Task>() : [early]]).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);

        if (early is { IsCompletedSuccessfully: true } && !_failed.Task.IsCompleted)
        {
            return await early.ConfigureAwait(false);
        }

        // Checked again at the end, except when the node ends: then all are stopping.
        await Task.WhenAny(_failed.Task, nodeEnds, health).ConfigureAwait(false);
        return _failed.Task.IsCompleted ? await _failed.Task.ConfigureAwait(false) : null;
    }

    private async Task WatchHealth(CancellationToken ended)
    {
        using var period = new PeriodicTimer(s_healthPeriod, _node.Time);

        for (var isOver = false; !_failed.Task.IsCompleted;)
        {
            if (await _node.Applications.Illness().ConfigureAwait(false) is { } illness)
            {
                _failed.TrySetResult(illness);
            }

            if (isOver)
            {
                return;
            }

            try
            {
                await period.WaitForNextTickAsync(ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                isOver = true;
            }
        }
    }

    private void Crashed(Cell cell, ExitReason reason)
    {
        if (cell.Body?.Version is { } version && _versions.Contains(version) && Interlocked.Increment(ref _crashes) > _settings.MostCrashes)
        {
            _failed.TrySetResult(
                $"{_crashes} processes ended abnormally, and {_settings.MostCrashes} are allowed; the last was {cell.Pid} ({cell.Body.ModuleName}): {reason.ToString()!.TrimEnd('.')}.");
        }
    }
}
