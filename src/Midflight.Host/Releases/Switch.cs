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
/// <item>Processes resume at the end, or before a function of the script is called, which may need them; behind the flip
/// what the script changes later is changed before that. As long as none has resumed, the old bodies are there to be put back as
/// they were.</item>
/// <item>A process is suspended and changed where it is found to run the module, in a supervision tree or not.</item>
/// </list>
/// <para>
/// Interleaving: processes started between suspend and flip begin in the old code. The flip is followed by a second look, which
/// suspends and changes those too; one that is started even then is taken over at its first message, by shape.
/// </para>
/// </remarks>
internal sealed class Switch(Node node, CodeFlip code, ImmutableArray<LowLevel> script, TimeSpan suspendTimeout, TimeSpan changeTimeout, IScriptCalls calls, bool isDry = false)
{
    private readonly ProcessSwitch _processes = new(node);

    // Suspended by this switch, each with its body as it was before its change.
    private readonly Dictionary<Cell, Entry> _suspended = [];

    // From each code version that is left to the one gone to.
    private readonly Dictionary<CodeVersion, CodeVersion> _targets = [];

    // Those of the script that are carried out, and so are not to be again when their turn comes.
    private readonly HashSet<LowLevel.Suspend> _carried = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<LowLevel.CodeChange> _changed = new(ReferenceEqualityComparer.Instance);

    // What else is to be undone, the last first.
    private readonly Stack<Func<Task>> _undo = new();
    private readonly Dictionary<string, Way> _ways = [];

    private readonly SwitchedSupervisors _supervisors = new();

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

        await Flip([.. code.Added, .. code.Changed], isLast: true).ConfigureAwait(false);
        await Finish().ConfigureAwait(false);
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
            case LowLevel.PointOfNoReturn:
                _pastPoint = true;
                return Task.CompletedTask;
            case LowLevel.Suspend suspend:
                _carried.Add(suspend);
                return In("suspend", () => Suspend(suspend.Modules));
            case LowLevel.Load(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Remove(var module, _, _):
                return LoadOrRemove(module);
            case LowLevel.Purge:
                // Ending processes cannot be undone, so it belongs to the commit.
                return Task.CompletedTask;
            case LowLevel.CodeChange change:
                return In("change", () => Change(change));
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

    // The first time that one goes along which changes, all do; and at the end, if none does.
    private async Task Flip(IReadOnlyCollection<string> applications, bool isLast = false)
    {
        if (_flipped || !(isLast || code.Along(applications).Any(code.Changed.Contains)))
        {
            code.Flip(applications);
            return;
        }

        foreach (var suspend in Suspends.Where(suspend => !_carried.Contains(suspend)))
        {
            await In("suspend", () => Suspend(suspend.Modules)).ConfigureAwait(false);
        }

        Reach("switch:suspended");
        await _supervisors.StopDropped(_suspended.Keys, code).ConfigureAwait(false);
        code.Flip(applications);
        _flipped = true;
        Reach("switch:flipped");

        // Those started since. See the remarks.
        foreach (var suspend in Suspends)
        {
            await Suspend(suspend.Modules).ConfigureAwait(false);
        }

        _stores.Bring(code);
    }

    private async Task Change(LowLevel.CodeChange change)
    {
        if (!_changed.Add(change))
        {
            return;
        }

        var failures = new ConcurrentQueue<(Cell Cell, Exception Exception)>();
        var cells = _suspended.Keys.ToLookup(cell => cell.Body is ServerBody body ? body.ModuleName : "");

        // Module by module as the script says, so that dependents come first; the processes of one in parallel.
        foreach (var module in change.Modules)
        {
            var way = _ways[module.Module] = Way.Of(change, module, code);
            await ForEach([.. cells[module.Module]], failures, body => Changed(body, way)).ConfigureAwait(false);
            Throw(failures, "code change");
        }
    }

    // Before processes resume: what the script changes later, then by shape those whose update is soft, and those found after the flip.
    private async Task ChangeTheRest()
    {
        foreach (var change in script.OfType<LowLevel.CodeChange>())
        {
            await Change(change).ConfigureAwait(false);
        }

        var failures = new ConcurrentQueue<(Cell Cell, Exception Exception)>();

        await ForEach([.. _suspended.Keys], failures, body => body.Version is not { } version || Target(version) is not { } target ? null
            : _ways.TryGetValue(body.ModuleName, out var way) ? Changed(body, way)
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

        var moved = target is null ? body.Copy() : body.In(target, changes: true);
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
    private sealed record Way(OldVsn From, object? Extra)
    {
        internal static Way Of(LowLevel.CodeChange change, ModuleExtra module, CodeFlip code)
        {
            var down = change.Mode == ChangeMode.Down;
            var isNone = module.Extra.ValueKind is System.Text.Json.JsonValueKind.Null or System.Text.Json.JsonValueKind.Undefined;
            return new(new OldVsn(code.VsnOf(module.Module, down), down), isNone ? null : module.Extra);
        }
    }

    // Of a dry run nobody hears.
    private Task In(string step, Func<Task> act) => Spans.In(isDry ? null : step, act);

    private void Reach(string point)
    {
        if (!isDry)
        {
            FaultPoint.Reach(point);
        }
    }

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

    private async Task Finish()
    {
        if (!_flipped)
        {
            await Release().ConfigureAwait(false);
            return;
        }

        await In("change", ChangeTheRest).ConfigureAwait(false);

        await ChangeTheRest().ConfigureAwait(false);
        await _supervisors.StartAdded().ConfigureAwait(false);

        if (!_configured)
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

        Reach("switch:changed");
        _resumed |= _suspended.Count > 0;
        ProcessCount += _suspended.Count;
        await In("resume", Resume).ConfigureAwait(false);
    }

    // Ahead of the flip there is no new code to go on in: those that are suspended go on as they were, and are suspended and changed
    // again with the flip.
    private async Task Release()
    {
        await ProcessSwitch.Do([.. _suspended.Keys], cell => cell.Body = _suspended[cell].Before ?? cell.Body).ConfigureAwait(false);
        await Resume().ConfigureAwait(false);
        _carried.Clear();
        _changed.Clear();
        _ways.Clear();
    }

    /// <summary>Lets all go on that it has suspended, as they are.</summary>
    internal Task Resume() => Resume([.. _suspended.Keys]);

    private async Task Resume(IReadOnlyList<Cell> cells)
    {
        await ProcessSwitch.Resume(cells).ConfigureAwait(false);

        foreach (var cell in cells)
        {
            _suspended.Remove(cell);
        }
    }

    /// <summary>Undoes what has been done: old code, old states, old children; then the processes go on.</summary>
    /// <remarks>
    /// <para>
    /// Processes that have run new code since are taken down by conversion, as in a downgrade: what they did meanwhile is kept.
    /// </para>
    /// <para>A step that fails is told of, and keeps none of the others from being undone: whatever happens, all processes go on.</para>
    /// </remarks>
    /// <returns>What could not be put back, each in a whole sentence. All else serves on as before.</returns>
    internal async Task<ImmutableArray<string>> PutBack()
    {
        var losses = ImmutableArray.CreateBuilder<string>();

        while (_undo.TryPop(out var undo))
        {
            await Attempt(undo, losses).ConfigureAwait(false);
        }

        await Attempt(_children.TakeBack, losses).ConfigureAwait(false);
        var targets = new HashSet<CodeVersion>([.. code.Changed.Concat(code.Added).Select(code.Target).OfType<CodeVersion>()]);
        var inNew = _processes.Of(body => body.Version is { } version && targets.Contains(version), _suspended.ContainsKey);
        Enter(inNew, await ProcessSwitch.Suspend(inNew, suspendTimeout).ConfigureAwait(false));
        losses.AddRange(await _supervisors.TakeBack().ConfigureAwait(false));
        var ended = await PutBodiesBack(targets).ConfigureAwait(false);

        if (ended > 0)
        {
            losses.Add($"{ended} processes had no way back and were started anew by their supervisors.");
        }

        await Attempt(FlipBack, losses).ConfigureAwait(false);
        losses.AddRange(_stores.PutBack());

        // A child that is brought back may need any process of the node; only its supervisor waits for it.
        await Resume([.. _suspended.Keys.Where(cell => !_supervisors.Has(cell))]).ConfigureAwait(false);
        losses.AddRange(await _supervisors.BringBack().ConfigureAwait(false));
        await Resume().ConfigureAwait(false);
        losses.AddRange(await _children.BringBack().ConfigureAwait(false));
        return losses.ToImmutable();
    }

    private Task FlipBack()
    {
        code.FlipBack();
        _flipped = false;
        return Task.CompletedTask;
    }

    private static async Task Attempt(Func<Task> undo, ImmutableArray<string>.Builder losses)
    {
        try
        {
            await undo().ConfigureAwait(false);
        }
        // Code of applications runs in it, and may throw anything.
        catch (Exception exception)
        {
            losses.Add($"{exception.Message.TrimEnd('.')}.");
        }
    }

    // As long as none has resumed as it was, else by conversion.
    private async Task<int> PutBodiesBack(HashSet<CodeVersion> targets)
    {
        var ended = 0;

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
                    Interlocked.Increment(ref ended);
                    cell.Ending ??= ExitReason.Killed;
                }
            }
        }).ConfigureAwait(false);
        return ended;
    }
}
