using System.Collections.Immutable;
using Midflight.Releases;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>One upgrade or downgrade, from the check to the commit or the way back.</summary>
internal sealed class Upgrade
{
    private readonly Node _node;
    private readonly CodeServer _code;
    private readonly ReleaseLayout _layout;
    private readonly UpgradePlan _plan;
    private readonly ScriptParts _parts;
    private readonly ImmutableArray<LowLevel> _wayBack;
    private readonly bool _mayLose;
    private readonly ReleaseImage _from;
    private readonly ReleaseImage _to;
    private readonly IScriptCalls _calls;
    private readonly UpgradePurges _purges;
    private readonly IScriptCalls _callsBack;
    private PreparedVersions? _prepared;
    private UpgradeTrial? _trial;
    private PreparedFlip? _flip;

    private Upgrade(
        Node node, CodeServer code, ReleaseLayout layout, UpgradePlan plan, ReleaseImage from, ReleaseImage to, (IScriptCalls There, IScriptCalls Back) calls,
        ScriptParts parts, ImmutableArray<LowLevel> wayBack, bool mayLose, ImmutableHashSet<string> left, UnloadWatch unloads)
    {
        _mayLose = mayLose;
        (_node, _code, _layout, _plan, _from, _to) = (node, code, layout, plan, from, to);
        ((_calls, _callsBack), _parts, _wayBack) = (calls, parts, wayBack);
        Left = left.Union(Names(from)).Except(Names(to));
        _purges = new UpgradePurges(code, Script, Left, unloads);

        static IEnumerable<string> Names(ReleaseImage release) => release.Applications.Select(application => application.Spec.Name);
    }

    // What is done in flight.
    private ImmutableArray<LowLevel> Script => _parts.InFlight;

    /// <summary>Whether the node restarts on the new runtime, and the rest is for the new node to do.</summary>
    internal bool RestartsFirst => _parts.RestartsFirst;

    /// <summary>Whether the node restarts with the new release when all else is done.</summary>
    internal bool RestartsLast => _parts.RestartsLast;

    /// <summary>The applications that the release gone to no longer has. They are deleted with the commit.</summary>
    internal ImmutableHashSet<string> Left { get; }

    internal UpgradePlan Plan => _plan;

    internal int Rehearsed { get; private set; }

    /// <summary>What the live values lose, a sentence for each member.</summary>
    internal ImmutableArray<string> Losses { get; private set; } = [];

    /// <summary>Which process waited long for the conversion of its state, as a whole sentence; null if none did.</summary>
    internal string? Slowest { get; private set; }

    internal int Processes { get; private set; }

    internal TimeSpan Switched { get; private set; }

    /// <summary>Done when something has gone wrong behind the switch for which to go back; a whole sentence.</summary>
    internal Task<string> Failed => _trial?.Failed ?? new TaskCompletionSource<string>().Task;

    /// <summary>The code versions gone to.</summary>
    internal IReadOnlySet<CodeVersion> NewVersions => _prepared?.Versions.Select(version => version.Version).ToHashSet() ?? [];

    /// <summary>Makes an upgrade of a plan.</summary>
    /// <param name="plan">From the older release to the newer, whichever is gone to.</param>
    /// <param name="isDown">Whether the older one is gone to.</param>
    /// <param name="node">The node.</param>
    /// <param name="code">Its code.</param>
    /// <param name="layout">Where its releases are.</param>
    /// <param name="running">The release that runs.</param>
    /// <param name="to">The release gone to.</param>
    /// <param name="calls">Carry out the functions that the scripts call, on the way there and back again.</param>
    /// <param name="settings">Whether its script may restart the node, and live values may lose what nobody has said is to be dropped. On the way down they may: what is new goes.</param>
    /// <param name="left">Applications that upgrades which are not committed have left.</param>
    /// <param name="unloads">Looks after the code that it drops.</param>
    /// <exception cref="ReleaseRefusedException">There is no script, or it restarts the node and may not.</exception>
    internal static Upgrade Of(
        UpgradePlan plan, bool isDown, Node node, CodeServer code, ReleaseLayout layout, ReleaseImage running, ReleaseImage to,
        (IScriptCalls There, IScriptCalls Back) calls, InstallSettings settings, ImmutableHashSet<string> left, UnloadWatch unloads)
    {
        if (plan.Relup is not { Up: [var up, ..], Down: [var down, ..] })
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.NotHot(running.Spec.Version, to.Spec.Version, plan.Problems, false));
        }

        var (script, back) = isDown ? (down, up) : (up, down);

        if (script.Restarts && !settings.MayRestart)
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.NotHot(running.Spec.Version, to.Spec.Version, plan.Problems, true));
        }

        return new(node, code, layout, plan, running, to, calls, ScriptParts.Of(script.Instructions), ScriptParts.Of(back.Instructions).InFlight, isDown || settings.AllowLoss, left, unloads);
    }

    /// <summary>Loads and prepares the new code beside the running one, and rehearses. Nothing has changed afterwards, whatever comes of it.</summary>
    /// <param name="isRestarted">Whether the restart that comes first is done.</param>
    internal async Task<ReleaseRefusal?> Check(bool isRestarted = false)
    {
        if (_parts.Fault is { } fault)
        {
            return fault;
        }

        foreach (var load in Script.OfType<LowLevel.LoadObjectCode>())
        {
            if (_to.Find(load.Application)?.Spec.Version != load.Version)
            {
                return new ReleaseRefusal.BadScript(load.ToString(), $"release {_to.Spec.Version} has no {load.Application} {load.Version}");
            }
        }

        var images = new List<ApplicationImage>();

        foreach (var application in _to.Applications.Where(application => _from.Find(application.Spec.Name)?.Spec.Version != application.Spec.Version))
        {
            try
            {
                images.Add(ApplicationFolder.Read(_layout.Library(application.Spec.Name, application.Spec.Version), application.Spec));
            }
            catch (IOException exception)
            {
                return new ReleaseRefusal.NotLoaded(application.Spec.Name, application.Spec.Version, exception.Message);
            }
        }

        if ((RestartsFirst && !isRestarted) || _parts.IsRestartAlone)
        {
            // There is nothing to be done in this process; and it need not be able to load what the other one runs.
            return null;
        }

        switch (await _code.Prepare(images, left: Left).ConfigureAwait(false))
        {
            case LoadResult.Refused(var why):
                return new ReleaseRefusal.NotLoaded(images.FirstOrDefault()?.Name ?? "?", _to.Spec.Version, why.ToString());
            case LoadResult.Done(var versions):
                _prepared = versions;
                break;
        }

        _flip = new PreparedFlip(_code, _prepared!);
        var passed = false;

        try
        {
            var refusal = await Rehearse().ConfigureAwait(false);
            passed = refusal is null;
            return refusal;
        }
        finally
        {
            if (!passed)
            {
                Discard();
            }
        }
    }

    private async Task<ReleaseRefusal?> Rehearse()
    {
        FaultPoint.Reach("check:loaded");

        if (await _purges.MakeRoom(_prepared!, endUsers: false).ConfigureAwait(false) is { } inUse)
        {
            return inUse;
        }

        (Rehearsed, Losses, Slowest, var refusal) = await Spans.In(
            "rehearse", () => Rehearsal.Run(_node, _flip!, Script, InstallSettings.Default.SuspendTimeout), outcome => outcome.Refusal?.ToString()).ConfigureAwait(false);
        await DryRun.Done.ConfigureAwait(false);
        FaultPoint.Reach("check:rehearsed");
        return refusal ?? (_mayLose || Losses.IsEmpty ? null : new ReleaseRefusal.Losing(Losses));
    }

    /// <summary>Drops what the check has loaded.</summary>
    internal void Discard()
    {
        if (_prepared is { } prepared)
        {
            _code.Discard(prepared);
            (_prepared, _flip) = (null, null);
        }
    }

    /// <summary>Switches to the new code. If that fails, everything is put back.</summary>
    /// <exception cref="UpgradeFailedException">It failed; the old code serves.</exception>
    internal async Task Switch(InstallSettings settings)
    {
        if (_parts.IsRestartAlone)
        {
            return;
        }

        // Who awaits for the first time is compiled for that, all the way up. This is the time for it: nobody stands still yet.
        await Task.Run(static () => { }).ConfigureAwait(false);
        var run = new Switch(_node, _flip!, Script, settings.SuspendTimeout, settings.CodeChangeTimeout, _calls, _wayBack.OfType<LowLevel.Suspend>().SelectMany(suspend => suspend.Modules));

        try
        {
            if (await _purges.MakeRoom(_prepared!, endUsers: true).ConfigureAwait(false) is { } inUse)
            {
                throw new SwitchFailedException(inUse.ToString());
            }

            // There is room for two versions, and so no way further back.
            Sweep.ForgetBefore(_node);
            await run.Run().ConfigureAwait(false);
            await Answers().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            var losses = await Spans.In("rollback", run.PutBack).ConfigureAwait(false);
            var ended = await _purges.Drop(_prepared!).ConfigureAwait(false);
            (_prepared, _flip) = (null, null);
            throw new UpgradeFailedException(
                string.Join(' ', losses.AddRange(ended).Prepend($"{exception.Message} Rolled back: {_from.Spec.Version} is still running.")),
                exception);
        }

        (_trial, Processes, Switched) = (run.Trial, run.Trial.Moved, run.Duration);
    }

    /// <summary>It has passed its probation, if there was one: there is no exact way back any more.</summary>
    internal async Task Pass()
    {
        if (_trial is not { } trial)
        {
            return;
        }

        await ProcessSwitch.Resume(trial.Decide()).ConfigureAwait(false);
        Sweep.ForgetBefore(_node);
    }

    // Success is not reported before new code has answered.
    private async Task Answers()
    {
        var versions = NewVersions;
        var asked = new ProcessSwitch(_node).Of(body => body.Version is { } version && versions.Contains(version))
            .GroupBy(cell => cell.Body?.ModuleName).SelectMany(module => module.Take(8)).ToList();

        foreach (var cell in asked)
        {
            try
            {
                await Sys.GetStatus(cell.Pid).ConfigureAwait(false);
            }
            catch (CallFailedException failure) when (failure.Failure == CallFailure.TimedOut)
            {
                throw new SwitchFailedException($"Process {cell.Pid} ({cell.Body?.ModuleName}) does not answer in the new code.", failure);
            }
            catch (CallFailedException)
            {
                // It ended meanwhile; the crash rate is for probation to judge.
            }
        }
    }

    /// <summary>Goes back after the new code has served: by the way down, with the states as they are now.</summary>
    /// <returns>Who was ended for it, in whole sentences.</returns>
    /// <exception cref="UpgradeFailedException">That failed, and the new code serves on as before.</exception>
    /// <exception cref="SwitchFailedException">It failed halfway: all processes go on, but the node must be restarted.</exception>
    internal async Task<ImmutableArray<string>> GoBack(InstallSettings settings)
    {
        // Alone: other nodes have gone on.
        var script = _wayBack.RemoveAll(instruction => instruction is LowLevel.SyncNodes);
        var flip = new ReturnFlip(_code, _prepared!, _flip!);
        var back = new Switch(_node, flip, script, settings.SuspendTimeout, settings.CodeChangeTimeout, _callsBack, isReturn: true);

        try
        {
            // One that does not answer finds its way by itself, or is named when it does not suspend.
            if ((await Rehearsal.Run(_node, flip, script, settings.SuspendTimeout).ConfigureAwait(false)).Refusal is { } refusal and not ReleaseRefusal.NotAnswering)
            {
                throw new SwitchFailedException(refusal.ToString());
            }

            await back.Run().ConfigureAwait(false);
            back.Trial.Decide();
            await ProcessSwitch.Resume(_trial?.Decide() ?? []).ConfigureAwait(false);
            Sweep.ForgetBefore(_node);
        }
        // Code of applications runs in it, and may throw anything.
        catch (Exception exception) when (flip.IsFlipped)
        {
            await back.Resume().ConfigureAwait(false);
            throw new SwitchFailedException(exception.Message, exception);
        }
        catch (Exception exception)
        {
            var losses = await back.PutBack().ConfigureAwait(false);
            throw new UpgradeFailedException(string.Join(' ', losses.Prepend(exception.Message)), exception);
        }

        var ended = await _purges.Drop(_prepared!).ConfigureAwait(false);
        _prepared = null;
        return ended;
    }

    /// <summary>Purges what has been left.</summary>
    /// <returns>What is worth knowing: who still uses old code or was ended for it.</returns>
    internal Task<ImmutableArray<string>> Purge() => _purges.Commit();
}
