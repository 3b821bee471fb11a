using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Carries out the script of one upgrade or downgrade on a running node, or puts everything back.</summary>
/// <remarks>
/// <para>The order is the script's, with three liberties, all for the sake of the transaction:</para>
/// <list type="bullet">
/// <item>The unit of loading is the application, so the first <c>load</c> of a changed one makes all changed ones current at
/// once. Every process that the rest of the script suspends is suspended before that, so none meets new code ahead
/// of its code change.</item>
/// <item>Processes resume at the end, or before a function of the script is called, which may need them. As long as
/// none has resumed, the old bodies are there to be put back as they were.</item>
/// <item>A process is suspended and changed where it is found to run the module, in a supervision tree or not.</item>
/// </list>
/// <para>
/// Interleaving: processes started between suspend and flip begin in the old code. The flip is followed by a second look, which
/// suspends and changes those too; one that is started even then is taken over at its first message, by shape.
/// </para>
/// </remarks>
internal sealed class Switch(Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan suspendTimeout, TimeSpan changeTimeout, IScriptCalls calls)
{
    private readonly ProcessSwitch _processes = new(node);

    // Suspended by this switch, each with its body as it was before its change.
    private readonly Dictionary<Cell, Entry> _suspended = [];

    // From each code version that is left to the one gone to.
    private readonly Dictionary<CodeVersion, CodeVersion> _targets = [];
    private readonly HashSet<LowLevel.Suspend> _carried = new(ReferenceEqualityComparer.Instance);

    // What else is to be undone, the last first.
    private readonly Stack<Func<Task>> _undo = new();
    private readonly Dictionary<string, Way> _changes = [];

    // Supervisors whose children are reconciled; true once the added ones are started.
    private readonly Dictionary<Cell, (SupervisorChange Change, bool Started)> _supervisors = [];

    // For the instructions stop and start.
    private readonly SwitchedChildren _children = new(node);
    private readonly SwitchedStores _stores = new(node);
    private bool _flipped;
    private bool _resumed;
    private bool _configured;
    private bool _pastPoint;
    private bool _resumeAsked;

    internal int ProcessCount { get; private set; }

    internal TimeSpan Duration { get; private set; }

    private IEnumerable<LowLevel.Suspend> Suspends => script.OfType<LowLevel.Suspend>();

    /// <summary>Carries the script out.</summary>
    /// <exception cref="SwitchFailedException">Something failed; call <see cref="PutBack"/>.</exception>
    internal async Task Run()
    {
        var start = Stopwatch.GetTimestamp();

        foreach (var instruction in script)
        {
            await Carry(instruction).ConfigureAwait(false);
        }

        await Flip([.. code.Added, .. code.Changed]).ConfigureAwait(false);
        await Finish().ConfigureAwait(false);
        Duration = Stopwatch.GetElapsedTime(start);
        FaultPoint.Reach("switch:resumed");
    }

    private Task Carry(LowLevel instruction)
    {
        switch (instruction)
        {
            case LowLevel.LoadObjectCode:
                // Read, loaded and prepared by the check.
                return Task.CompletedTask;
            case LowLevel.PointOfNoReturn:
                _pastPoint = true;
                return Task.CompletedTask;
            case LowLevel.Suspend suspend:
                _carried.Add(suspend);
                return Suspend(suspend.Modules);
            case LowLevel.Load(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Remove(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Purge:
                // Ending processes cannot be undone, so it belongs to the commit.
                return Task.CompletedTask;
            case LowLevel.CodeChange(var mode, var modules):
                return Change((mode ?? ChangeMode.Up) == ChangeMode.Down, modules);
            case LowLevel.Resume:
                _resumeAsked = true;
                return Task.CompletedTask;
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
                    $"The script holds {instruction}, which this node cannot carry out. Build the release without it, or restart the node with the release.");
        }
    }

    private Task LoadOrRemove(string module)
    {
        var application = code.ApplicationOf(module) ?? throw new SwitchFailedException(
            $"The script loads {module}, which is in no application of either release. Mend the relup and build the release anew.");
        return code.Added.Contains(application) ? Flip([application]) : Flip(code.Changed);
    }

    private async Task Suspend(IEnumerable<SuspendedModule> modules)
    {
        foreach (var group in modules.GroupBy(module => Patience(module.Timeout)))
        {
            var names = group.Select(module => module.Module).ToHashSet();
            var found = _processes.Of(body => names.Contains(body.ModuleName), _suspended.ContainsKey);
            var late = await ProcessSwitch.Suspend(found, group.Key).ConfigureAwait(false);
            Enter(found, late);

            if (late.Count > 0)
            {
                var culprit = late[0];
                throw new SwitchFailedException(
                    $"Process {culprit.Pid} ({culprit.Body?.ModuleName}) did not suspend within {group.Key.TotalMilliseconds:0} ms"
                    + (late.Count > 1 ? $", and {late.Count - 1} more did not" : "")
                    + ". Look at what its callback waits for, or give it more time with the time-out of the update instruction.");
            }
        }
    }

    private void Enter(List<Cell> suspended, IReadOnlyList<Cell> late)
    {
        _suspended.EnsureCapacity(_suspended.Count + suspended.Count);

        foreach (var cell in suspended)
        {
            _suspended.TryAdd(cell, new Entry(cell));
        }

        foreach (var cell in late)
        {
            _suspended.Remove(cell);
        }
    }

    private TimeSpan Patience(SuspendTimeout timeout) => timeout switch
    {
        SuspendTimeout.After(var milliseconds) => TimeSpan.FromMilliseconds(milliseconds),
        SuspendTimeout.Never => Timeout.InfiniteTimeSpan,
        _ => suspendTimeout,
    };

    private async Task Flip(IReadOnlyCollection<string> applications)
    {
        var changed = applications.Any(code.Changed.Contains);

        if (changed && _flipped)
        {
            return;
        }

        if (changed)
        {
            foreach (var suspend in Suspends.Where(suspend => !_carried.Contains(suspend)))
            {
                await Suspend(suspend.Modules).ConfigureAwait(false);
            }

            FaultPoint.Reach("switch:suspended");
            await StopDropped().ConfigureAwait(false);
        }

        code.Flip(applications);

        if (changed)
        {
            _flipped = true;
            FaultPoint.Reach("switch:flipped");

            // Those started since. See the remarks.
            foreach (var suspend in Suspends)
            {
                await Suspend(suspend.Modules).ConfigureAwait(false);
            }

            _stores.Bring(code);
        }
    }

    private async Task Change(bool down, ImmutableArray<ModuleExtra> modules)
    {
        var failures = new ConcurrentQueue<(Cell Cell, Exception Exception)>();

        var ways = modules.ToDictionary(module => module.Module, module => new Way(
            new OldVsn(code.VsnOf(module.Module, down), down),
            module.Extra.ValueKind is System.Text.Json.JsonValueKind.Null or System.Text.Json.JsonValueKind.Undefined ? null : module.Extra));

        foreach (var (module, way) in ways)
        {
            _changes[module] = way;
        }

        var cells = _suspended.Keys.ToLookup(cell => cell.Body is ServerBody body ? body.ModuleName : "");

        // Module by module as the script says, so that dependents come first; the processes of one in parallel.
        foreach (var module in modules)
        {
            await ForEach([.. cells[module.Module]], failures, body => Changed(body, ways[module.Module])).ConfigureAwait(false);
            Throw(failures, "code change");
        }
    }

    // By shape, for suspended processes whose update is soft, and for those found after the flip.
    private async Task ChangeTheRest()
    {
        var failures = new ConcurrentQueue<(Cell Cell, Exception Exception)>();

        await ForEach([.. _suspended.Keys], failures, body => body.Version is not { } version || Target(version) is not { } target ? null
            : _changes.TryGetValue(body.ModuleName, out var way) ? Changed(body, way)
            : body.In(target)).ConfigureAwait(false);

        Throw(failures, "conversion");
    }

    private async Task ForEach(IReadOnlyList<Cell> cells, ConcurrentQueue<(Cell Cell, Exception Exception)> failures, Func<ServerBody, ServerBody?> change)
    {
        FillTargets();
        var watch = new ChangeWatch();

        // On other threads than this one, which has to wake up when one of them does not come back.
        var changes = Task.Run(() => ProcessSwitch.Do(cells, cell =>
        {
            if (cell.Body is not ServerBody body || !failures.IsEmpty || watch.IsOver)
            {
                return;
            }

            watch.Enter(cell);

            try
            {
                // Many threads read the dictionary here, and none writes.
                if (change(body) is { } after && !watch.IsOver)
                {
                    _suspended[cell].Put(body, after);
                }
            }
            catch (Exception exception)
            {
                failures.Enqueue((cell, exception));
            }
            finally
            {
                watch.Leave();
            }
        }));

        var stuck = await watch.Wait(changes, changeTimeout, node.Time).ConfigureAwait(false);

        if (stuck.Count == 0)
        {
            return;
        }

        foreach (var cell in stuck)
        {
            // The process ends at its next safepoint, or when its code returns, and its supervisor begins it anew.
            _suspended.Remove(cell);
            cell.Kill();
        }

        var first = stuck.First();
        throw new SwitchFailedException(
            $"The code change of process {first.Pid} ({first.Body?.ModuleName}) did not end within {changeTimeout.TotalMilliseconds:0} ms"
            + (stuck.Count > 1 ? $", and {stuck.Count - 1} more did not" : "")
            + ", and the process is ended for that. Look at what it waits for.");
    }

    private void FillTargets()
    {
        foreach (var application in code.Changed)
        {
            if (code.Source(application) is { } source && code.Target(application) is { } target)
            {
                _targets.TryAdd(source, target);
            }
        }
    }

    private CodeVersion? Target(CodeVersion version) => _targets.GetValueOrDefault(version);

    private ServerBody Changed(ServerBody body, Way way)
    {
        var target = body.Version is { } version ? Target(version) : null;

        if (way.From.IsDown)
        {
            // In the newer code, on the newer state; then by shape to the older.
            var changed = body.Copy();
            changed.ChangeCode(way.From, way.Extra);
            return target is null ? changed : changed.In(target);
        }

        var moved = target is null ? body.Copy() : body.In(target);
        moved.ChangeCode(way.From, way.Extra);
        return moved;
    }

    private sealed class Entry(Cell cell)
    {
        internal Cell Cell { get; } = cell;

        internal ServerBody? Before { get; private set; }

        internal void Put(ServerBody before, ServerBody after)
        {
            Before ??= before;
            Cell.Body = after;
        }
    }

    // How the processes of a module change code.
    private sealed record Way(OldVsn From, object? Extra);

    private static void Throw(ConcurrentQueue<(Cell Cell, Exception Exception)> failures, string what)
    {
        if (!failures.TryDequeue(out var first))
        {
            return;
        }

        throw new SwitchFailedException(
            $"The {what} of process {first.Cell.Pid} ({first.Cell.Body?.ModuleName}) failed: {first.Exception.Message.TrimEnd('.')}."
            + (failures.IsEmpty ? "" : $" So did {failures.Count} more.")
            + " Mend it and build the release anew.",
            first.Exception);
    }

    private async Task Apply(FunctionCall call)
    {
        if (_pastPoint)
        {
            // It may need any process of the node.
            await Finish().ConfigureAwait(false);
        }

        try
        {
            if (await calls.Carry(call).ConfigureAwait(false) is { } undo)
            {
                _undo.Push(undo);
            }
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException(
                $"The script's call of {call.Module}.{call.Function} failed: {exception.Message.TrimEnd('.')}. Mend it and build the release anew.", exception);
        }
    }

    // At its place, whatever is suspended then: so the nodes can stand still together.
    private async Task Meet(string id, SyncedNodes nodes)
    {
        try
        {
            await calls.Meet(id, nodes).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException($"The nodes did not meet: {exception.Message}", exception);
        }
    }

    private async Task Start(ImmutableArray<string> modules)
    {
        if (_resumeAsked)
        {
            // Those that the script has resumed by now may be needed.
            await Finish().ConfigureAwait(false);
        }

        await _children.Start(modules).ConfigureAwait(false);
    }

    // What the new Init of a supervisor no longer names ends in the code that it runs, before that is left.
    private async Task StopDropped()
    {
        foreach (var cell in _suspended.Keys.Where(cell => !_supervisors.ContainsKey(cell)).ToList())
        {
            if (cell.Body is not ServerBody { Module: Supervisor or DynamicSupervisor, Version: { } version } body
                || code.Target(version.Application.Name) is not { } target
                || target.FindType(body.ModuleName) is not { } type)
            {
                continue;
            }

            await OfSupervisor(cell, async () =>
            {
                var change = await SupervisorChange.Plan(cell.Pid, target.Modules.Get(type));
                _supervisors.Add(cell, (change, false));
                await change.StopDropped();
            }).ConfigureAwait(false);
        }
    }

    private async Task StartAdded()
    {
        foreach (var (cell, (change, started)) in _supervisors.ToList())
        {
            if (!started)
            {
                _supervisors[cell] = (change, true);
                await OfSupervisor(cell, () => change.StartAdded().AsTask()).ConfigureAwait(false);
            }
        }
    }

    private static async Task OfSupervisor(Cell cell, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (CallFailedException)
        {
            // It ended; whoever starts it again does so in the current code.
        }
        catch (Exception exception)
        {
            throw new SwitchFailedException(
                $"The children of supervisor {cell.Pid} ({cell.Body?.ModuleName}) could not be changed: {exception.Message.TrimEnd('.')}. Mend it and build the release anew.", exception);
        }
    }

    private async Task Finish()
    {
        await ChangeTheRest().ConfigureAwait(false);
        await StartAdded().ConfigureAwait(false);

        if (_flipped && !_configured)
        {
            _configured = true;

            try
            {
                if (await calls.Reconfigure().ConfigureAwait(false) is { } undo)
                {
                    _undo.Push(undo);
                }
            }
            catch (Exception exception)
            {
                throw new SwitchFailedException($"The new configuration was not taken: {exception.Message.TrimEnd('.')}. Mend it and build the release anew.", exception);
            }
        }

        FaultPoint.Reach("switch:changed");
        await Resume().ConfigureAwait(false);
    }

    private async Task Resume()
    {
        if (_suspended.Count == 0)
        {
            return;
        }

        ProcessCount += _suspended.Count;
        _resumed |= _flipped;
        await ProcessSwitch.Resume([.. _suspended.Keys]).ConfigureAwait(false);
        _suspended.Clear();
    }

    /// <summary>Undoes what has been done: old code, old states, old children; then the processes go on.</summary>
    /// <remarks>
    /// Processes that have run new code since are taken down by conversion, as in a downgrade: what they did meanwhile is kept.
    /// </remarks>
    /// <returns>What could not be put back, each in a whole sentence. All else serves on as before.</returns>
    internal async Task<ImmutableArray<string>> PutBack()
    {
        var losses = ImmutableArray.CreateBuilder<string>();

        while (_undo.TryPop(out var undo))
        {
            await undo().ConfigureAwait(false);
        }

        await _children.TakeBack().ConfigureAwait(false);
        var targets = new HashSet<CodeVersion>([.. code.Changed.Concat(code.Added).Select(code.Target).OfType<CodeVersion>()]);
        var inNew = _processes.Of(body => body.Version is { } version && targets.Contains(version), _suspended.ContainsKey);
        Enter(inNew, await ProcessSwitch.Suspend(inNew, suspendTimeout).ConfigureAwait(false));

        foreach (var (cell, (change, started)) in _supervisors)
        {
            if (started)
            {
                await OfSupervisor(cell, () => change.TakeBack().AsTask()).ConfigureAwait(false);
            }
        }

        var ended = new ConcurrentBag<Pid>();
        await ProcessSwitch.Do([.. _suspended.Keys], cell =>
        {
            if (cell.Body is not ServerBody body)
            {
                return;
            }

            if (!_resumed && _suspended[cell].Before is { } before)
            {
                cell.Body = before;
            }
            else if (body.Version is { } version && targets.Contains(version))
            {
                try
                {
                    cell.Body = body.In(code.Source(version.Application.Name) ?? throw new MissingMethodException("There is no older version."));
                }
                catch (Exception)
                {
                    // There is no way down for what it has become: its supervisor begins it anew, in the old code.
                    ended.Add(cell.Pid);
                    cell.Ending ??= ExitReason.Killed;
                }
            }
        }).ConfigureAwait(false);

        code.FlipBack();
        _flipped = false;
        losses.AddRange(_stores.PutBack());

        if (!ended.IsEmpty)
        {
            losses.Add($"{ended.Count} processes had no way back and were started anew by their supervisors.");
        }

        foreach (var (cell, (change, _)) in _supervisors)
        {
            try
            {
                await OfSupervisor(cell, () => change.BringBack().AsTask()).ConfigureAwait(false);
            }
            catch (SwitchFailedException failed)
            {
                losses.Add(failed.Message);
            }
        }

        await ProcessSwitch.Resume([.. _suspended.Keys]).ConfigureAwait(false);
        _suspended.Clear();

        // These may need any process of the node.
        losses.AddRange(await _children.BringBack().ConfigureAwait(false));
        return losses.ToImmutable();
    }
}
