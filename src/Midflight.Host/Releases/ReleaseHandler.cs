using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Host;

/// <summary>Unpacks, checks, installs, commits and removes the releases of one node: OTP's release_handler, as a transaction.</summary>
/// <remarks>
/// <para>One action at a time; a second one is refused, not queued.</para>
/// <para>
/// Which release a start takes changes at one point only, when a commit renames <c>releases/start.txt</c>. Before it a node
/// that dies comes back on the release committed before, behind it on the new one.
/// </para>
/// </remarks>
internal sealed partial class ReleaseHandler : IDisposable
{
    // The verdict of an upgrade that has restarted the node.
    private const string Restarted = "restarted";

    private readonly Node _node;
    private readonly CodeServer _code;
    private readonly ReleaseLayout _layout;
    private readonly string _name;
    private readonly Func<string, string, IScriptCalls> _calls;
    private readonly INodeSync _sync;
    private readonly Action<NodeEnd>? _end;
    private bool _goesOn;

    // Of the upgrade that is on probation.
    private volatile EarlyEnd? _early;
    private readonly ReleaseJournal _journal;
    private readonly ReleaseStatuses _statuses;
    private readonly UpgradeMeter _meter;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TaskCompletionSource _stops = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _action = "";

    // The node stops to become another: nothing else begins.
    private bool _isLeaving;

    /// <param name="node">Whose releases these are.</param>
    /// <param name="code">Its code.</param>
    /// <param name="layout">Where they lie.</param>
    /// <param name="name">Their name.</param>
    /// <param name="started">The version that was started.</param>
    /// <param name="calls">What carries out the functions that scripts call between two releases. Default: what a node does.</param>
    /// <param name="sync">How the node meets others. Default: it is alone, under the name of its release.</param>
    /// <param name="end">Begins to stop the node, to become another. Default: it cannot, and a script that restarts it is refused.</param>
    /// <param name="goesOn">Whether an upgrade has restarted the node; then <see cref="GoOn"/> has to be called.</param>
    internal ReleaseHandler(
        Node node,
        CodeServer code,
        ReleaseLayout layout,
        string name,
        string started,
        Func<string, string, IScriptCalls>? calls = null,
        INodeSync? sync = null,
        Action<NodeEnd>? end = null,
        bool goesOn = false)
    {
        (_end, _goesOn) = (end, goesOn);
        code.Alone = Alone;
        (_node, _code, _layout, _name, _sync) = (node, code, layout, name, sync ?? new LocalNodes().Join(name, node.Time));
        _calls = calls ?? ((from, to) => new ScriptCalls(node, code, InstalledCode.Read(layout, from), InstalledCode.Read(layout, to), _sync));
        FaultPoint.Folder = layout.Run;
        Leftovers.Sweep(layout);

        foreach (var problem in Leftovers.Unreadable(layout))
        {
            NotRead(node.Logger, problem);
        }

        _journal = new ReleaseJournal(layout, node.Time, node.Logger);
        _statuses = ReleaseStatuses.Read(layout, name, started, goesOn ? StartFile.Read(layout)!.Release : started);
        Old = new OldCode(node, code);
        _meter = new UpgradeMeter(this, name);

        if (!goesOn && _journal.Read() is { Phase: not UpgradePhase.Ended } interrupted)
        {
            Interrupted(node.Logger, interrupted.From, interrupted.To, interrupted.Phase, started);
            _journal.Write(interrupted.From, interrupted.To, UpgradePhase.Ended, $"The node ended while {interrupted.Phase}. It was restarted on {started}, the last committed release.");
        }
    }

    /// <summary>The releases, the newest first.</summary>
    internal ImmutableArray<InstalledRelease> Which() => _statuses.All;

    /// <summary>The release that runs.</summary>
    internal string Running => _statuses.Running!.Version;

    /// <summary>Whether the release that runs is the permanent one.</summary>
    internal bool IsCommitted => _statuses.Running!.Status == ReleaseStatus.Permanent;

    /// <summary>The last upgrade, if there was one.</summary>
    internal JournalEntry? LastUpgrade => _journal.Read();

    /// <summary>Old code that is still about.</summary>
    internal OldCode Old { get; }

    /// <summary>The node begins to stop: nothing is committed any more.</summary>
    internal void NodeStops() => _stops.TrySetResult();

    // Why the node ends; null as long as it does not.
    private string? Ending => _node.Applications.Exit is { IsCompletedSuccessfully: true, Result: var exit } ? exit.ToString()
        : _stops.Task.IsCompleted ? "The node was told to stop." : null;

    /// <summary>Verifies a package and puts it in place.</summary>
    /// <exception cref="ReleaseRefusedException">Nothing has changed.</exception>
    internal Task Unpack(string version) => Alone($"unpacking {version}", () =>
    {
        UnpackNow(version);
        return Task.FromResult(true);
    });

    private void UnpackNow(string version)
    {
        FaultPoint.Reach("unpack:begin");

        if (ReleasePackage.Unpack(_layout, _name, version, Environment.Version) is UnpackResult.Refused(var why))
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.Package(why));
        }

        FaultPoint.Reach("unpack:done");
        _statuses.Add(version);
    }

    /// <summary>Plans and rehearses an upgrade or downgrade. Unpacks the release if need be; nothing else changes.</summary>
    /// <exception cref="ReleaseRefusedException">It cannot be installed.</exception>
    internal Task<UpgradeReport> Check(string version, Action<UpgradePhase, string>? progress = null, InstallSettings? settings = null) => Alone($"checking {version}", async () =>
    {
        var from = Running;
        var upgrade = await Checked(version, settings ?? InstallSettings.Default, progress).ConfigureAwait(false);
        upgrade.Discard();
        _journal.Write(from, version, UpgradePhase.Ended, "checked");
        return Report(from, version, upgrade, committed: false);
    });

    /// <summary>Installs a release: unpacks if need be, checks, switches, watches, commits.</summary>
    /// <param name="version">The release gone to, newer or older.</param>
    /// <param name="settings">How.</param>
    /// <param name="progress">Told of each phase.</param>
    /// <exception cref="ReleaseRefusedException">Nothing has changed.</exception>
    /// <exception cref="UpgradeFailedException">It was rolled back; the node serves on as before.</exception>
    internal async Task<UpgradeReport> Install(string version, InstallSettings settings, Action<UpgradePhase, string>? progress = null) =>
        _early?.GoBack(version) is { } upgrade
            ? await WentBack(upgrade, Running, version).ConfigureAwait(false)
            : await InstallAlone(version, settings, progress).ConfigureAwait(false);

    // For who has ended a probation by a downgrade, the failure of the upgrade is what he wants.
    private static async Task<UpgradeReport> WentBack(Task<UpgradeReport> upgrade, string from, string version)
    {
        try
        {
            throw new UpgradeFailedException($"Release {(await upgrade.ConfigureAwait(false)).To} was installed before the downgrade to {version} could begin. Try again.");
        }
        catch (UpgradeFailedException failure) when (failure.IsRolledBack)
        {
            return new(from, version, "hot", [], 0, 0, TimeSpan.Zero, true, [failure.Message]);
        }
    }

    private Task<UpgradeReport> InstallAlone(string version, InstallSettings settings, Action<UpgradePhase, string>? progress) =>
        Alone($"installing {version}", async () =>
        {
            _ = InstallSettings.ProbationOf(settings.Probation.TotalSeconds);
            _sync.Begin();

            try
            {
                return await _meter.Install(Running, version, () => InstallNow(version, settings, progress)).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                _sync.Fail(failure.Message);
                throw;
            }
        });

    private async Task<UpgradeReport> InstallNow(string version, InstallSettings settings, Action<UpgradePhase, string>? progress)
    {
        var from = Running;
        var upgrade = await Checked(version, settings, progress).ConfigureAwait(false);
        return upgrade.RestartsFirst
            ? Restart(upgrade, from, version, new NodeEnd.GoOn(from, version), settings, progress)
            : await SwitchNow(upgrade, from, version, settings, progress).ConfigureAwait(false);
    }

    private async Task<UpgradeReport> SwitchNow(Upgrade upgrade, string from, string version, InstallSettings settings, Action<UpgradePhase, string>? progress)
    {
        var before = _statuses.All;
        Enter(from, version, UpgradePhase.Switching, progress);
        using var probation = new Probation(_node, upgrade.NewVersions, settings);

        try
        {
            await Spans.In("switch", () => upgrade.Switch(settings)).ConfigureAwait(false);
        }
        catch (UpgradeFailedException failure)
        {
            HasFailed(from, version, failure.Message);
            throw;
        }

        _statuses.Install(version);
        _meter.Switched(from, version, upgrade);

        if (upgrade.RestartsLast)
        {
            return Restart(upgrade, from, version, new NodeEnd.GoOn(version, version), settings, progress);
        }

        var takeBack = Old.Switched(upgrade);
        Enter(from, version, UpgradePhase.OnProbation, progress);

        var early = new EarlyEnd(from, version);
        _early = settings.Probation > TimeSpan.Zero && !upgrade.RestartsFirst ? early : null;
        return await early.Tell(() => Decide(upgrade, before, takeBack, from, version, settings, probation, early, progress)).ConfigureAwait(false);
    }

    private async Task<UpgradeReport> Decide(
        Upgrade upgrade,
        ImmutableArray<InstalledRelease> before,
        Action takeBack,
        string from,
        string version,
        InstallSettings settings,
        Probation probation,
        EarlyEnd early,
        Action<UpgradePhase, string>? progress)
    {
        var verdict = await Watch(probation, from, version, upgrade.Failed, early.Asked).ConfigureAwait(false);
        early.Close();
        _early = null;

        if (verdict is { } why)
        {
            if (upgrade.RestartsFirst)
            {
                // The way back leads to another runtime.
                throw new UpgradeFailedException($"Release {version} did not pass its probation: {why}");
            }

            await GoBack(upgrade, () =>
            {
                _statuses.PutBack(before);
                takeBack();
            }, from, version, why, progress).ConfigureAwait(false);
        }

        await upgrade.Pass().ConfigureAwait(false);
        settings = early.IsCommit ? settings with { Commit = true } : settings;
        return await Settle(Report(from, version, upgrade, committed: false), settings, progress).ConfigureAwait(false);
    }

    // Nothing is put back in a node that ends: the next start takes what is committed.
    private async Task<string?> Watch(Probation probation, string from, string version, Task<string>? failed = null, Task<string?>? early = null)
    {
        var ends = Task.WhenAny(_stops.Task, _node.Applications.Exit);
        var why = await Spans.In("probation", () => probation.Watch(ends, failed, early), why => why).ConfigureAwait(false);
        ThrowIfEnding(from, version);
        return why;
    }

    private void ThrowIfEnding(string from, string version)
    {
        if (Ending is { } why)
        {
            var outcome = $"{why.TrimEnd('.')}. So release {version} is not committed, and the next start uses {_statuses.Permanent!.Version}.";
            HasFailed(from, version, outcome);
            throw new UpgradeFailedException(outcome);
        }
    }

    private async Task<UpgradeReport> Settle(UpgradeReport report, InstallSettings settings, Action<UpgradePhase, string>? progress) => settings.Commit
        ? report with { Committed = true, Notes = [.. report.Notes, .. await Spans.In("commit", () => CommitNow(report.To, progress)).ConfigureAwait(false)] }
        : report;

    // From here on the node only stops. What it is to become is told to itself; how to go on stands in the journal.
    private UpgradeReport Restart(
        Upgrade upgrade, string from, string version, NodeEnd.GoOn end, InstallSettings settings, Action<UpgradePhase, string>? progress)
    {
        upgrade.Discard();
        Entered(_node.Logger, from, version, UpgradePhase.Restarting);
        _journal.WriteRestart(from, version, settings);
        progress?.Invoke(UpgradePhase.Restarting, $"{from} → {version}");
        Leave(end);
        return Report(from, version, upgrade, committed: false) with { Verdict = Restarted, IsRestarting = true };
    }

    private void Leave(NodeEnd end)
    {
        _isLeaving = true;
        _end!(end);
    }

    /// <summary>Goes on with the upgrade that has restarted the node.</summary>
    /// <remarks>If that fails, the node becomes one of the last committed release.</remarks>
    internal Task<UpgradeReport> GoOn() => Alone("continuing after a restart", async () =>
    {
        FaultPoint.Reach("restart:serving");
        var (from, version, commit, probation) = _journal.Read() is { } entry
            ? (entry.From, entry.To, entry.Commit, entry.Probation)
            : throw new InvalidOperationException("There is no journal of an upgrade to continue.");
        var settings = new InstallSettings { MayRestart = true, Commit = commit, Probation = probation };
        _sync.Begin();

        try
        {
            var report = await _meter.Install(from, version, async () => Running == version
                ? await Arrived(from, version, settings).ConfigureAwait(false)
                : await SwitchNow(await Checked(version, settings with { MayRestart = true, AllowLoss = true }, null, isRestarted: true).ConfigureAwait(false), from, version, settings, null).ConfigureAwait(false))
                .ConfigureAwait(false);

            report = report with { Verdict = Restarted };

            if (!report.IsRestarting)
            {
                _goesOn = false;
                _journal.WriteReport(report);
            }

            return report;
        }
        // What the node becomes is decided already, and the journal shows what was interrupted.
        catch (Exception failure) when (Ending is not null)
        {
            _sync.Fail(failure.Message);
            throw;
        }
        catch (Exception failure)
        {
            var outcome = $"The upgrade from {from} to {version} failed after its restart: {failure.Message} So {_statuses.Permanent!.Version} is started again.";
            Failed(_node.Logger, from, version, outcome);
            _journal.Write(from, version, UpgradePhase.Ended, outcome);
            _sync.Fail(outcome);
            Leave(new NodeEnd.StartOver());
            throw new UpgradeFailedException(outcome, failure);
        }
    });

    // The node has started with the new release: there is nothing left of the old one.
    private async Task<UpgradeReport> Arrived(string from, string version, InstallSettings settings)
    {
        Enter(from, version, UpgradePhase.OnProbation, null);
        var versions = _code.Which().Select(application => application.Current?.Version).OfType<CodeVersion>().ToHashSet();
        using var probation = new Probation(_node, versions, settings);

        if (await Watch(probation, from, version).ConfigureAwait(false) is { } why)
        {
            throw new UpgradeFailedException($"Release {version} did not pass its probation: {why}");
        }

        return await Settle(new(from, version, Restarted, [], 0, 0, TimeSpan.Zero, false, []), settings, null).ConfigureAwait(false);
    }

    private async Task GoBack(
        Upgrade upgrade, Action putBack, string from, string version, string why, Action<UpgradePhase, string>? progress)
    {
        Enter(from, version, UpgradePhase.RollingBack, progress);
        var (outcome, isBack, isBroken) = ($"Rolled back: {from} is still running.", false, false);

        try
        {
            var ended = await Spans.In("rollback", () => upgrade.GoBack(InstallSettings.Default)).ConfigureAwait(false);
            outcome = string.Join(' ', ended.Prepend(outcome));
            isBack = true;
            putBack();
        }
        catch (UpgradeFailedException failure)
        {
            outcome = $"The rollback failed: {failure.Message} So {version} is still running, but not committed. Go back with `downgrade {from}`, or restart the node: it starts {_statuses.Permanent!.Version}.";
        }
        catch (SwitchFailedException failure)
        {
            // The code is that of the release before, whatever came behind.
            putBack();
            isBroken = true;
            outcome = $"The rollback failed: {failure.Message} {(_end is null ? "Restart the node: it starts" : "So the node restarts with")} {_statuses.Permanent!.Version}.";
        }

        outcome = $"Release {version} did not pass its probation: {why} {outcome}";
        Failed(_node.Logger, from, version, outcome);
        _journal.Write(from, version, UpgradePhase.Ended, outcome);

        if (isBroken && _end is not null)
        {
            Leave(new NodeEnd.StartOver());
        }

        throw new UpgradeFailedException(outcome) { IsRolledBack = isBack };
    }

    /// <summary>Makes the release that runs permanent.</summary>
    /// <param name="version">Must be the one that runs; null for whatever runs.</param>
    /// <returns>What is worth knowing.</returns>
    /// <exception cref="ReleaseRefusedException">It is not the one that runs.</exception>
    internal async Task<ImmutableArray<string>> Commit(string? version) => _early?.Commit(version) is { } upgrade
        ? (await upgrade.ConfigureAwait(false)).Notes
        : await CommitAlone(version).ConfigureAwait(false);

    private Task<ImmutableArray<string>> CommitAlone(string? version) => Alone($"committing {version ?? Running}", async () =>
    {
        version ??= Running;
        var release = Known(version);

        if (ReleaseLifecycle.Next(release.Status, ReleaseAction.Commit) is null || version != Running)
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.BadStatus(version, release.Status, "committed"));
        }

        return await Spans.In("commit", () => CommitNow(version, null)).ConfigureAwait(false);
    });

    private async Task<ImmutableArray<string>> CommitNow(string version, Action<UpgradePhase, string>? progress)
    {
        var from = _statuses.Permanent!.Version;

        if (from == version && !Old.IsUncommitted)
        {
            return [];
        }

        ThrowIfEnding(from, version);
        Enter(from, version, UpgradePhase.Committing, progress);
        FaultPoint.Reach("commit:started");

        try
        {
            _statuses.Commit(version);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            var outcome = $"Release {version} serves, but was not committed: {exception.Message.TrimEnd('.')}. Fix that and commit it; until then the next start uses {from}.";
            HasFailed(from, version, outcome);
            throw new UpgradeFailedException(outcome, exception);
        }

        _meter.Committed(from, version);
        var notes = await Old.Purge().ConfigureAwait(false);
        FaultPoint.Reach("commit:purged");

        if (!_goesOn)
        {
            Enter(from, version, UpgradePhase.Ended, progress);
        }

        return notes;
    }

    /// <summary>Removes a release that does not run, with those of its applications that no other needs.</summary>
    /// <exception cref="ReleaseRefusedException">It runs or is permanent.</exception>
    internal Task Remove(string version) => Alone($"removing {version}", () =>
    {
        var release = Known(version);

        if (!ReleaseLifecycle.MayRemove(release.Status))
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.BadStatus(version, release.Status, "removed"));
        }

        Leftovers.Remove(_layout, version);
        _statuses.Remove(version);
        return Task.FromResult(true);
    });

    private async Task<Upgrade> Checked(string version, InstallSettings settings, Action<UpgradePhase, string>? progress, bool isRestarted = false)
    {
        var from = Running;

        if (version == from)
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.AlreadyInstalled(version));
        }

        _statuses.TakeIn(version);

        // Where there is no package either, the release is simply not known.
        if (_statuses.Find(version) is null && ReleasePackage.Find(_layout, _name, version) is null)
        {
            Known(version);
        }

        Activity? span = null;

        try
        {
            if (_statuses.Find(version) is null)
            {
                Enter(from, version, UpgradePhase.Unpacking, progress);
                Spans.Do("unpack", () => UnpackNow(version));
            }

            Enter(from, version, UpgradePhase.Checking, progress);
            span = Spans.Step("check");
            var upgrade = Planned(from, version, settings with { MayRestart = settings.MayRestart && _end is not null });

            if (await upgrade.Check(isRestarted).ConfigureAwait(false) is { } refusal)
            {
                throw new ReleaseRefusedException(refusal);
            }

            Spans.Stop(span);
            return upgrade;
        }
        // A refusal as a rule. Whatever it is, it is over.
        catch (Exception failure)
        {
            Spans.Stop(span, failure.Message);
            HasFailed(from, version, failure.Message);
            throw;
        }
    }

    // Behind a restart it is GoOn that says how the upgrade ended, when it has.
    private void HasFailed(string from, string version, string outcome)
    {
        if (!_goesOn)
        {
            Failed(_node.Logger, from, version, outcome);
            _journal.Write(from, version, UpgradePhase.Ended, outcome);
        }
    }

    private Upgrade Planned(string from, string version, InstallSettings settings)
    {
        if (InstalledFiles.Damage(_layout, version) is var (file, problem))
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.BadFile(file, problem));
        }

        ReleaseImage running, to;
        (IScriptCalls There, IScriptCalls Back) calls;

        try
        {
            running = ReleaseImage.Read(_layout, _name, from);
            to = ReleaseImage.Read(_layout, _name, version);
            calls = (_calls(from, version), _calls(version, from));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.BadFile(version, exception.Message));
        }

        var (plan, isDown) = UpgradeScripts.Find(_layout, running, to, settings.Together);
        return Upgrade.Of(plan, isDown, _node, _code, _layout, running, to, calls, settings, Old.Left, Old.Unloads);
    }

    private InstalledRelease Known(string version) => _statuses.Find(version)
        ?? throw new ReleaseRefusedException(new ReleaseRefusal.NoSuchRelease(version, [.. _statuses.All.Select(release => release.Version)]));

    private void Enter(string from, string to, UpgradePhase phase, Action<UpgradePhase, string>? progress)
    {
        Entered(_node.Logger, from, to, phase);
        _journal.Write(from, to, phase);
        progress?.Invoke(phase, $"{from} → {to}");
    }

    private static UpgradeReport Report(string from, string to, Upgrade upgrade, bool committed) =>
        new(from, to, upgrade.Plan.VerdictText, upgrade.Plan.Changes, upgrade.Processes, upgrade.Rehearsed, upgrade.Switched, committed, [.. upgrade.Plan.Notes, .. upgrade.Losses, .. upgrade.Slowest is { } slowest ? [slowest] : Array.Empty<string>()]);

    /// <summary>Does something while no action of the release handler is under way, an upgrade on probation among them.</summary>
    /// <param name="action">What it is, for those who are refused meanwhile.</param>
    /// <param name="step">What to do. Not on the calling thread.</param>
    /// <exception cref="ReleaseRefusedException">One is under way. Nothing was done.</exception>
    internal async Task<T> Alone<T>(string action, Func<Task<T>> step)
    {
        if (!await _oneAtATime.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            throw new ReleaseRefusedException(new ReleaseRefusal.Busy(_action));
        }

        _action = action;
        await Old.Hold().ConfigureAwait(false);

        try
        {
            // Not on the caller's thread: a connection must stay able to answer others.
            return await Task.Run(step).ConfigureAwait(false);
        }
        finally
        {
            if (!_isLeaving)
            {
                Old.Release();
                _oneAtATime.Release();
            }
        }
    }

    public void Dispose()
    {
        NodeStops();
        _meter.Dispose();
        Old.Dispose();
        _oneAtATime.Dispose();
    }

    [LoggerMessage(EventId = 110, EventName = "UpgradePhase", Level = LogLevel.Information, Message = "Upgrade {From} → {To}: {Phase}.")]
    private static partial void Entered(ILogger logger, string from, string to, UpgradePhase phase);

    [LoggerMessage(EventId = 111, EventName = "UpgradeFailed", Level = LogLevel.Error, Message = "Upgrade {From} → {To} failed: {Outcome}")]
    private static partial void Failed(ILogger logger, string from, string to, string outcome);

    [LoggerMessage(EventId = 114, EventName = "ReleaseNotRead", Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void NotRead(ILogger logger, string problem);

    [LoggerMessage(EventId = 112, EventName = "UpgradeInterrupted", Level = LogLevel.Warning,
        Message = "The node ended in the middle of the upgrade {From} → {To}, while {Phase}. It starts on {Started}, the last committed release.")]
    private static partial void Interrupted(ILogger logger, string from, string to, UpgradePhase phase, string started);
}
