using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>The processes that one switch has suspended, until they are resumed.</summary>
/// <remarks>
/// Module by module in the order of the script, users before what they use: so a used process runs until its users are idle. If they still wait for
/// one another, <see cref="Standstill"/> lets the needed ones continue, until none is needed.
/// </remarks>
internal sealed class Suspended(Node node, CodeFlip code, UpgradeTrial trial, TimeSpan suspendTimeout, TimeSpan changeTimeout)
{
    // How long to wait for working processes before finding out for whom they wait; it doubles.
    // In real time, whatever clock the node has, because threads are waited for.
    private static readonly TimeSpan s_firstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestLook = TimeSpan.FromMilliseconds(16);
    private readonly ProcessSwitch _processes = new(node);
    private readonly HashSet<Cell> _cells = [];
    private Standstill? _standstill;

    internal IReadOnlyCollection<Cell> Cells => _cells;

    internal bool Contains(Cell cell) => _cells.Contains(cell);

    /// <summary>Suspends every process of some modules.</summary>
    /// <exception cref="SwitchFailedException">A process did not suspend in time.</exception>
    internal async Task Suspend(ImmutableArray<SuspendedModule> modules)
    {
        var names = modules.Select(module => module.Module).ToHashSet();
        var found = _processes.Of(body => names.Contains(body.ModuleName), _cells.Contains).ToLookup(cell => cell.Body?.ModuleName);

        foreach (var module in modules.DistinctBy(module => module.Module))
        {
            await Suspend([.. found[module.Module]], Patience(module.Timeout)).ConfigureAwait(false);
        }
    }

    /// <summary>Suspends some processes.</summary>
    /// <exception cref="SwitchFailedException">A process did not suspend in time.</exception>
    internal async Task Suspend(IReadOnlyList<Cell> cells, TimeSpan patience)
    {
        // A killed process that keeps its thread answers nobody.
        cells = [.. cells.Where(cell => !cell.IsKilled)];

        if (cells.Count == 0)
        {
            return;
        }

        var standstill = _standstill ??= node.Standstill = new Standstill();
        _cells.UnionWith(cells);
        var suspending = ProcessSwitch.Suspend(cells, standstill, patience);
        await Await(suspending, standstill).ConfigureAwait(false);
        ThrowIfLate(await suspending.ConfigureAwait(false), patience);
    }

    /// <summary>Waits until none of them continues for another any more. From then on all are idle.</summary>
    /// <exception cref="SwitchFailedException">A process did not become idle in time.</exception>
    internal async Task Rest()
    {
        if (_standstill is not { } standstill)
        {
            return;
        }

        var start = node.Time.GetTimestamp();

        for (var pause = s_firstLook; !standstill.TryClose(); pause = Next(pause))
        {
            if (node.Time.GetElapsedTime(start) > suspendTimeout && suspendTimeout != Timeout.InfiniteTimeSpan)
            {
                ThrowIfLate(standstill.AtWork(), suspendTimeout);
            }

            await Task.Delay(pause, TimeProvider.System).ConfigureAwait(false);
            standstill.Look();
        }

        (_standstill, node.Standstill) = (null, null);
    }

    private static async Task Await(Task suspending, Standstill standstill)
    {
        for (var pause = s_firstLook; !suspending.IsCompleted; pause = Next(pause))
        {
            await Task.WhenAny(suspending, Task.Delay(pause, TimeProvider.System)).ConfigureAwait(false);
            standstill.Look();
        }
    }

    private static TimeSpan Next(TimeSpan pause) => pause < s_longestLook ? 2 * pause : pause;

    private void ThrowIfLate(IReadOnlyList<Cell> late, TimeSpan patience)
    {
        if (late.Count == 0)
        {
            return;
        }

        _cells.ExceptWith(late);
        var culprit = late[0];
        throw new SwitchFailedException(
            $"Process {culprit.Pid} ({culprit.Body?.ModuleName}) did not suspend within {patience.TotalMilliseconds:0} ms"
            + (late.Count > 1 ? $", and {late.Count - 1} more did not" : "")
            + ". Look at what its callback waits for, or give it more time with the timeout of the update instruction.");
    }

    private TimeSpan Patience(SuspendTimeout timeout) => timeout switch
    {
        SuspendTimeout.After(var milliseconds) => TimeSpan.FromMilliseconds(milliseconds),
        SuspendTimeout.Never => Timeout.InfiniteTimeSpan,
        _ => suspendTimeout,
    };

    /// <summary>Moves the processes of some modules to the target code: module by module in the order of the script, so that dependents come first; those of one module in parallel.</summary>
    /// <exception cref="SwitchFailedException">A process could not be moved.</exception>
    internal async Task Change(IEnumerable<string> modules)
    {
        var cells = _cells.ToLookup(cell => cell.Body is ServerBody body ? body.ModuleName : "");

        foreach (var module in modules)
        {
            await Change([.. cells[module]], "code change").ConfigureAwait(false);
        }
    }

    /// <summary>Moves the processes that no code change names: by shape.</summary>
    /// <exception cref="SwitchFailedException">A process could not be moved.</exception>
    internal Task ChangeTheRest() => Change([.. _cells.Where(cell => cell.Body is ServerBody { Version: { } version, Before: null } && Target(version) is not null)], "conversion");

    private Task Change(IReadOnlyList<Cell> cells, string what) => cells.Count == 0 ? Task.CompletedTask : CellChanges.Run(
        node,
        change => ProcessSwitch.Do(cells, change),
        cell =>
        {
            // The new body keeps the previous one: then it has already changed.
            if (cell.Body is ServerBody { Before: null } body)
            {
                var moved = Target(body.Version) is { } target ? body.MovedTo(target, trial) : trial.Move(body, null);
                moved.Keep(body);
                cell.Body = moved;
            }
        },
        what,
        changeTimeout,
        cell => _cells.Remove(cell));

    private CodeVersion? Target(CodeVersion? version) =>
        version is not null && code.Source(version.Application.Name) == version ? code.Target(version.Application.Name) : null;

    /// <summary>Gives each process its previous body back, if it has changed and handled nothing since.</summary>
    internal Task PutBodiesBack() => ProcessSwitch.Do([.. _cells], static cell =>
    {
        if (cell.Body is ServerBody { Before: { } before })
        {
            cell.Body = before;
        }
    });

    /// <summary>Resumes processes as they are.</summary>
    /// <param name="which">Default: all.</param>
    internal async Task Resume(Predicate<Cell>? which = null)
    {
        _standstill?.Close();
        (_standstill, node.Standstill) = (null, null);
        var cells = _cells.Where(cell => which is null || which(cell)).ToList();
        await ProcessSwitch.Resume(cells).ConfigureAwait(false);
        _cells.ExceptWith(cells);
    }
}
