using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The old code of a node, from the upgrade that replaced it until its memory is freed.</summary>
/// <remarks>
/// <para>
/// An uncommitted upgrade may go back to it. Its commit purges what no process runs. Code in use is retried every ten
/// seconds, and each purged version is followed until it is unloaded.
/// </para>
/// <para>Held by an action of the release handler, or by a retry between two of them: only one at a time searches it for users.</para>
/// </remarks>
internal sealed class OldCode : IDisposable
{
    private readonly CodeServer _code;
    private readonly PurgeTimer _purges;
    private readonly SemaphoreSlim _held = new(1);

    // Installed and not committed: what a commit purges.
    private Upgrade? _uncommitted;

    internal OldCode(Node node, CodeServer code)
    {
        (_code, Unloads) = (code, new UnloadWatch(node));
        _purges = new PurgeTimer(node.Time, PurgeLeft);
    }

    /// <summary>What was purged and is still in memory.</summary>
    internal UnloadWatch Unloads { get; }

    /// <summary>Whether an upgrade was installed and not committed.</summary>
    internal bool IsUncommitted => _uncommitted is not null;

    /// <summary>Applications that the running release no longer has: a commit deletes them.</summary>
    internal ImmutableHashSet<string> Left { get; private set; } = [];

    /// <summary>The number of code versions in memory, by state.</summary>
    internal IEnumerable<(string State, long Count)> Versions
    {
        get
        {
            var applications = _code.Which();
            return
            [
                ("current", applications.Count(application => application.Current is not null)),
                ("old", applications.Count(application => application.Old is not null)),
                ("not_unloaded", Unloads.Waiting.Length),
            ];
        }
    }

    /// <summary>Waits until no retry is running, and prevents new ones. Retries are short.</summary>
    internal Task Hold() => _held.WaitAsync();

    /// <summary>Lets retries start again.</summary>
    internal void Release() => _held.Release();

    /// <summary>An upgrade has been switched to. What another one left without a commit is now left for good, unless this is undone.</summary>
    /// <returns>Undoes it: everything is as it was before.</returns>
    internal Action Switched(Upgrade upgrade)
    {
        var (uncommitted, left) = (_uncommitted, Left);
        (_uncommitted, Left) = (upgrade, upgrade.Left);
        return () => (_uncommitted, Left) = (uncommitted, left);
    }

    /// <summary>Purges what the upgrade replaced that is committed now. Code in use is purged later.</summary>
    /// <returns>Notes for the report.</returns>
    internal async Task<ImmutableArray<string>> Purge()
    {
        if (_uncommitted is not { } upgrade)
        {
            return [];
        }

        _uncommitted = null;
        var notes = await upgrade.Purge().ConfigureAwait(false);

        if (!IsPurged())
        {
            _purges.Start();
        }

        return notes;
    }

    // What a commit left because processes ran it. They may have moved since.
    private async Task<bool> PurgeLeft()
    {
        if (!await _held.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            // An upgrade handles old code itself.
            return false;
        }

        try
        {
            if (IsUncommitted)
            {
                // Before its commit, an upgrade may go back to it.
                return false;
            }

            _code.Delete(Left);

            foreach (var application in _code.Which().Where(application => application.Old is not null).Select(application => application.Hot.Name))
            {
                Unloads.Add((await _code.Purge(application, PurgeMethod.Soft).ConfigureAwait(false)).Versions);
            }

            return IsPurged();
        }
        finally
        {
            _held.Release();
        }
    }

    // Whether nothing is left to be purged, now or when it can be deleted.
    private bool IsPurged()
    {
        if (_code.Which().Any(application => application.Old is not null || Left.Contains(application.Hot.Name)))
        {
            return false;
        }

        // Code that is loaded under one of these names from now on is not part of them.
        Left = [];
        return true;
    }

    public void Dispose()
    {
        _purges.Dispose();
        _held.Dispose();
    }
}
