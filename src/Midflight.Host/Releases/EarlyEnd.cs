namespace Midflight.Host;

/// <summary>Lets an operator end the probation of an upgrade early: by a commit, or by a downgrade to the previous release.</summary>
/// <param name="from">The previous release.</param>
/// <param name="to">The release on probation.</param>
internal sealed class EarlyEnd(string from, string to)
{
    private readonly TaskCompletionSource<string?> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<UpgradeReport> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when somebody has asked: with null for a commit, otherwise with the reason to roll back.</summary>
    internal Task<string?> Asked => _asked.Task;

    /// <summary>Whether a commit was asked for.</summary>
    internal bool IsCommit => _asked.Task is { IsCompletedSuccessfully: true, Result: null };

    /// <summary>Asks for the commit.</summary>
    /// <param name="version">The release; null for the running one.</param>
    /// <returns>The result of the upgrade; null if this is not the release on probation, or if its end is already decided.</returns>
    internal Task<UpgradeReport>? Commit(string? version) => (version is null || version == to) && _asked.TrySetResult(null) ? _outcome.Task : null;

    /// <summary>Asks for the rollback.</summary>
    /// <param name="version">The release to go back to.</param>
    /// <returns>As above. The upgrade fails, which counts as success here.</returns>
    internal Task<UpgradeReport>? GoBack(string version) => version == from && _asked.TrySetResult($"A downgrade to {from} was asked for.") ? _outcome.Task : null;

    /// <summary>Accepts no more requests: the probation is over.</summary>
    internal void Close() => _asked.TrySetCanceled();

    /// <summary>Reports the result of the upgrade to whoever has asked.</summary>
    internal async Task<UpgradeReport> Tell(Func<Task<UpgradeReport>> upgrade)
    {
        try
        {
            var report = await upgrade().ConfigureAwait(false);
            _outcome.SetResult(report);
            return report;
        }
        catch (Exception failure)
        {
            _outcome.SetException(failure);

            // Usually nobody has asked.
            _ = _outcome.Task.Exception;
            throw;
        }
    }
}
