using System.Collections.Immutable;
using System.Diagnostics;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Carries out the script of one upgrade or downgrade on a running node, or rolls everything back.</summary>
/// <remarks>
/// <para>
/// Processes of a module that the script only loads flow: from the step that makes the new versions current, none of them starts a message in
/// old code. Each moves at its next message, and a sweep moves the idle ones. Processes of a module that the script suspends are suspended together,
/// change together and resume together. The order is the script's, with three exceptions, all for the sake of the transaction:
/// </para>
/// <list type="bullet">
/// <item>The unit of loading is the application, so the first <c>load</c> of a changed one makes all changed ones current at
/// once. Every process that the rest of the script suspends is suspended before that, so none meets new code before
/// its code change.</item>
/// <item>Processes resume at the end, or before a function of the script is called, which may need them. After the flip,
/// what the script changes later is changed before that.</item>
/// <item>A process is suspended and changed if it runs the module, whether or not it is in a supervision tree.</item>
/// </list>
/// <para>
/// Interleaving: a process that is started between suspend and flip starts in old code. At its first message it finds that this is no longer
/// current, and goes through <see cref="UpgradeTrial.Move(ServerBody, CodeVersion)"/> like all others, with the code change of its module.
/// </para>
/// </remarks>
internal sealed class Switch
{
    private readonly Node _node;
    private readonly CodeFlip _code;
    private readonly ImmutableArray<LowLevel> _script;
    private readonly TimeSpan _suspendTimeout;
    private readonly TimeSpan _changeTimeout;
    private readonly IScriptCalls _calls;
    private readonly ImmutableArray<SuspendedModule> _back;
    private readonly bool _isDry;
    private readonly Suspended _suspended;
    private readonly UndoList _undo = new();
    private readonly SwitchedSupervisors _supervisors = new();

    // For the instructions stop and start.
    private readonly SwitchedChildren _children;
    private readonly SwitchedApplications _applications;
    private readonly SwitchedStores _stores;

    // Instructions that have been carried out early, and must not be repeated when their turn comes.
    private readonly HashSet<LowLevel> _carried = new(ReferenceEqualityComparer.Instance);

    // The current instruction.
    private int _at;
    private SwitchPhase _phase;

    /// <param name="node">The node.</param>
    /// <param name="code">The code versions.</param>
    /// <param name="script">What to do.</param>
    /// <param name="suspendTimeout">How long a process may take to be suspended.</param>
    /// <param name="changeTimeout">How long a process may take for its code change.</param>
    /// <param name="calls">Carries out the functions that the script calls.</param>
    /// <param name="back">The modules whose processes are suspended together in a rollback. Default: none.</param>
    /// <param name="isDry">Whether nobody must hear of it.</param>
    /// <param name="isReturn">Whether there is no way forward again: a process that cannot be moved ends, and its supervisor restarts it.</param>
    internal Switch(
        Node node,
        CodeFlip code,
        ImmutableArray<LowLevel> script,
        TimeSpan suspendTimeout,
        TimeSpan changeTimeout,
        IScriptCalls calls,
        IEnumerable<SuspendedModule>? back = null,
        bool isDry = false,
        bool isReturn = false)
    {
        _back = [.. back ?? []];
        (_node, _code, _script, _suspendTimeout, _changeTimeout, _calls, _isDry) = (node, code, script, suspendTimeout, changeTimeout, calls, isDry);
        Trial = new UpgradeTrial(code, script, holds: !isReturn);
        _suspended = new Suspended(node, code, Trial, suspendTimeout, changeTimeout);
        (_children, _stores, _applications) = (new SwitchedChildren(node), new SwitchedStores(node), new SwitchedApplications(node, code));
    }

    /// <summary>How processes move into the new code while the upgrade is not decided.</summary>
    internal UpgradeTrial Trial { get; }

    /// <summary>From the first suspend or load until all have resumed and all idle ones are in the new code.</summary>
    internal TimeSpan Duration { get; private set; }

    /// <summary>Carries out the script.</summary>
    /// <exception cref="SwitchFailedException">Something failed; call <see cref="PutBack"/>.</exception>
    internal async Task Run()
    {
        var start = Stopwatch.GetTimestamp();

        for (_at = 0; _at < _script.Length; _at++)
        {
            await Carry(_script[_at]).ConfigureAwait(false);
        }

        await Flip([.. _code.Added, .. _code.Changed], isLast: true).ConfigureAwait(false);
        await GoOn().ConfigureAwait(false);
        await In("sweep", SweepAll).ConfigureAwait(false);
        Duration = Stopwatch.GetElapsedTime(start);
        Reach("switch:resumed");
    }

    private Task Carry(LowLevel instruction)
    {
        switch (instruction)
        {
            case LowLevel.LoadObjectCode:
                // Read, loaded and prepared by the check.
                return Task.CompletedTask;
            case LowLevel.PointOfNoReturn or LowLevel.Resume:
                return Task.CompletedTask;
            case LowLevel.Suspend suspend:
                return Suspend(suspend);
            case LowLevel.Load(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Remove(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Purge:
                // Ending processes cannot be undone, so it belongs to the commit.
                return Task.CompletedTask;
            case LowLevel.CodeChange change:
                return Change(change);
            case LowLevel.Stop(var modules):
                return _children.Stop(modules);
            case LowLevel.Start(var modules):
                return Start(modules);
            case LowLevel.Apply(var call):
                return Apply(call);
            case LowLevel.SyncNodes(var id, var nodes):
                return Meet(id.GetRawText(), nodes);
            default:
                throw new SwitchFailedException(
                    $"The script holds {instruction}, which this node cannot execute. Build the release without it, or restart the node with the release.");
        }
    }

    private bool IsBehind<T>()
        where T : LowLevel => _script.Take(_at).Any(instruction => instruction is T);

    private Task LoadOrRemove(string module)
    {
        var application = _code.ApplicationOf(module) ?? throw new SwitchFailedException(
            $"The script loads {module}, which is in no application of either release. Fix the relup and rebuild the release.");
        return _code.Added.Contains(application) ? Flip([application]) : Flip(_code.Changed);
    }

    private async Task Suspend(LowLevel.Suspend suspend)
    {
        if (_carried.Add(suspend))
        {
            await In("suspend", () => _suspended.Suspend(suspend.Modules)).ConfigureAwait(false);
        }
    }

    // Before anything changes: everything that the script suspends, now or later, becomes idle together.
    private async Task StandStill()
    {
        foreach (var suspend in _script.OfType<LowLevel.Suspend>())
        {
            await Suspend(suspend).ConfigureAwait(false);
        }

        await _suspended.Rest().ConfigureAwait(false);
    }

    private async Task Change(LowLevel.CodeChange change)
    {
        if (_carried.Add(change))
        {
            await StandStill().ConfigureAwait(false);
            await In("change", () => _suspended.Change(change.Modules.Select(module => module.Module))).ConfigureAwait(false);
        }
    }

    // At the first instruction that loads something changed, all of it becomes current; at the end, if there was none.
    private async Task Flip(IReadOnlyCollection<string> applications, bool isLast = false)
    {
        if (_phase != SwitchPhase.Before || !(isLast || _code.Along(applications).Any(_code.Changed.Contains)))
        {
            _code.Flip(applications);
            return;
        }

        await StandStill().ConfigureAwait(false);
        Reach("switch:suspended");
        await _supervisors.StopDropped(_suspended.Cells, _code).ConfigureAwait(false);
        _code.Try(Trial);
        _code.Flip(applications);
        _phase = SwitchPhase.Flipped;
        Reach("switch:flipped");
        _stores.Bring(_code);
    }

    private async Task Start(ImmutableArray<string> modules)
    {
        if (IsBehind<LowLevel.Resume>())
        {
            // Processes that the script has already resumed may be needed.
            await GoOn().ConfigureAwait(false);
        }

        await _children.Start(modules).ConfigureAwait(false);
    }

    private async Task Apply(FunctionCall call)
    {
        if (IsBehind<LowLevel.PointOfNoReturn>())
        {
            // It may need any process of the node.
            await GoOn().ConfigureAwait(false);
        }

        try
        {
            _undo.Add(await _calls.Carry(call).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException(
                $"The script's call of {call.Module}.{call.Function} failed: {exception.Message.TrimEnd('.')}. Fix it and rebuild the release.", exception);
        }
    }

    // At its place, whatever is suspended then, so that the nodes can be suspended together.
    private async Task Meet(string id, SyncedNodes nodes)
    {
        try
        {
            await _calls.Meet(id, nodes).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException($"The nodes did not meet: {exception.Message}", exception);
        }
    }

    // All suspended processes change what is left to change, and resume.
    private async Task GoOn()
    {
        if (_phase == SwitchPhase.Before)
        {
            // There is no new code to continue in: they continue as before, and are suspended and changed again with the flip.
            await _suspended.PutBodiesBack().ConfigureAwait(false);
            await _suspended.Resume().ConfigureAwait(false);
            _carried.Clear();
            return;
        }

        foreach (var change in _script.OfType<LowLevel.CodeChange>())
        {
            await Change(change).ConfigureAwait(false);
        }

        if (_suspended.Cells.Count > 0)
        {
            await In("change", _suspended.ChangeTheRest).ConfigureAwait(false);
        }

        await _supervisors.StartAdded().ConfigureAwait(false);

        if (_phase != SwitchPhase.Configured)
        {
            _phase = SwitchPhase.Configured;
            await _applications.Tell().ConfigureAwait(false);
            await Reconfigure().ConfigureAwait(false);
        }

        Reach("switch:changed");

        if (_suspended.Cells.Count > 0)
        {
            await In("resume", () => _suspended.Resume()).ConfigureAwait(false);
        }
    }

    private async Task Reconfigure()
    {
        try
        {
            _undo.Add(await _calls.Reconfigure().ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException($"The new configuration was not accepted: {exception.Message.TrimEnd('.')}. Fix it and rebuild the release.", exception);
        }
    }

    private async Task SweepAll()
    {
        await CellChanges.Run(
            _node,
            move =>
            {
                new Sweep(_node).Run(_code.Sources, move);
                return Task.CompletedTask;
            },
            cell => ((ServerBody)cell.Body!).Move(cell),
            "conversion",
            _changeTimeout).ConfigureAwait(false);

        if (Trial.Failed.IsCompleted)
        {
            throw new SwitchFailedException(await Trial.Failed.ConfigureAwait(false));
        }
    }

    /// <summary>Resumes everything that it has suspended, as it is.</summary>
    internal async Task Resume()
    {
        await ProcessSwitch.Resume(Trial.Decide()).ConfigureAwait(false);
        await _suspended.Resume().ConfigureAwait(false);
    }

    /// <summary>Undoes what has been done: old code, old states, old children; then the processes resume.</summary>
    /// <remarks>
    /// <para>
    /// A process that has handled nothing in the new code gets back exactly its previous body. One that has handled something is converted back, as
    /// in a downgrade: the effects of its work are kept.
    /// </para>
    /// <para>A step that fails is reported, and the others are still undone: whatever happens, all processes resume.</para>
    /// </remarks>
    /// <returns>What could not be restored, each in a whole sentence. Everything else keeps running as before.</returns>
    internal async Task<ImmutableArray<string>> PutBack()
    {
        var losses = ImmutableArray.CreateBuilder<string>();
        await _undo.Run(losses).ConfigureAwait(false);
        await UndoList.Attempt(_children.TakeBack, losses).ConfigureAwait(false);
        await _applications.TakeBack(losses).ConfigureAwait(false);

        if (_phase != SwitchPhase.Before)
        {
            await UndoList.Attempt(StandStillForTheWayBack, losses).ConfigureAwait(false);
        }

        losses.AddRange(await _supervisors.TakeBack().ConfigureAwait(false));
        await _suspended.PutBodiesBack().ConfigureAwait(false);
        await UndoList.Attempt(FlipBack, losses).ConfigureAwait(false);
        var held = Trial.Decide();
        losses.AddRange(_stores.PutBack());
        await _applications.BringBack(losses).ConfigureAwait(false);
        await MoveBack(losses).ConfigureAwait(false);

        // A child that is started again may need any process of the node; only its supervisor waits for it.
        await ProcessSwitch.Resume(held).ConfigureAwait(false);
        await _suspended.Resume(cell => !_supervisors.Has(cell)).ConfigureAwait(false);
        losses.AddRange(await _supervisors.BringBack().ConfigureAwait(false));
        await _suspended.Resume().ConfigureAwait(false);
        losses.AddRange(await _children.BringBack().ConfigureAwait(false));
        Sweep.ForgetBefore(_node);
        return losses.ToImmutable();
    }

    // Processes that may have messages which the old code does not understand, and the supervisors whose children are restored.
    private async Task StandStillForTheWayBack()
    {
        await _suspended.Suspend(_back).ConfigureAwait(false);
        await _suspended.Suspend([.. _supervisors.All.Where(cell => !_suspended.Contains(cell))], _suspendTimeout).ConfigureAwait(false);
        await _suspended.Rest().ConfigureAwait(false);
    }

    // The idle ones. A working one moves by itself at its next message.
    private async Task MoveBack(ImmutableArray<string>.Builder losses)
    {
        var ended = 0;
        await Task.Run(() => new Sweep(_node).Run(_code.Targets, cell =>
        {
            if (!((ServerBody)cell.Body!).Move(cell))
            {
                // Its present state cannot be converted back: its supervisor restarts it, in the old code.
                ended++;
            }
        })).ConfigureAwait(false);

        if (ended > 0)
        {
            losses.Add($"{ended} processes could not be converted back and were restarted by their supervisors.");
        }
    }

    private Task FlipBack()
    {
        _code.FlipBack();
        _code.Try(null);
        _phase = SwitchPhase.Before;
        return Task.CompletedTask;
    }

    // A dry run is not reported.
    private Task In(string step, Func<Task> act) => Spans.In(_isDry ? null : step, act);

    private void Reach(string point)
    {
        if (!_isDry)
        {
            FaultPoint.Reach(point);
        }
    }
}

/// <summary>The progress of a switch.</summary>
internal enum SwitchPhase
{
    /// <summary>The old code is current.</summary>
    Before,

    /// <summary>The new code is current.</summary>
    Flipped,

    /// <summary>The new configuration has been told, too.</summary>
    Configured,
}
