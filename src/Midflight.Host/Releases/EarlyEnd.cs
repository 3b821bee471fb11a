namespace Midflight.Host;

/// <summary>Lets an operator end the probation of an upgrade before its time is over: by a commit, or by a downgrade to the release before.</summary>
/// <param name="from">The release before.</param>
/// <param name="to">The one on probation.</param>
internal sealed class EarlyEnd(string from, string to)
{
    private readonly TaskCompletionSource<string?> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<UpgradeReport> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when somebody has asked: with null for a commit, else with the reason to go back.</summary>
    internal Task<string?> Asked => _asked.Task;

    /// <summary>Whether a commit was asked for.</summary>
    internal bool IsCommit => _asked.Task is { IsCompletedSuccessfully: true, Result: null };

    /// <summary>Asks for the commit.</summary>
    /// <param name="version">Of which release; null for whatever runs.</param>
    /// <returns>What came of the upgrade; null where this is not the release on probation, or its end is decided already.</returns>
    internal Task<UpgradeReport>? Commit(string? version) => (version is null || version == to) && _asked.TrySetResult(null) ? _outcome.Task : null;

    /// <summary>Asks for the way back.</summary>
    /// <param name="version">To which release.</param>
    /// <returns>As above. The upgrade fails, which here is the success.</returns>
    internal Task<UpgradeReport>? GoBack(string version) => version == from && _asked.TrySetResult($"A downgrade to {from} was asked for.") ? _outcome.Task : null;

    /// <summary>Lets nobody ask any more: the probation is over.</summary>
    internal void Close() => _asked.TrySetCanceled();

    /// <summary>Says what came of the upgrade to who has asked.</summary>
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

            // Mostly nobody has asked.
            _ = _outcome.Task.Exception;
            throw;
        }
    }
}
