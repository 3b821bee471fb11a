using System.Collections.Immutable;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>How processes come into the code that one switch makes current, whichever way they come, and what goes wrong there.</summary>
/// <remarks>
/// <para>
/// A process comes to the new code suspended by the script, by a look of the sweep while it rests, or by itself at its next message. Each way leads through
/// <see cref="Move"/>, so each process makes the code change that the script has for its module: also one that began in the old code
/// while the code flipped, and so was neither suspended nor looked at.
/// </para>
/// </remarks>
internal sealed class UpgradeTrial : Trial
{
    private readonly ImmutableDictionary<string, Way> _ways;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    // Both owned by the lock.
    private readonly List<Cell> _held = [];
    private bool _holds;
    private volatile bool _keeps;
    private int _moved;

    /// <param name="code">Where it goes.</param>
    /// <param name="script">What it does; its code changes count.</param>
    /// <param name="holds">Whether it can be given up: then a process that cannot be moved waits for that. Else it ends.</param>
    internal UpgradeTrial(CodeFlip code, ImmutableArray<LowLevel> script, bool holds)
    {
        (_holds, _keeps) = (holds, true);
        var ways = ImmutableDictionary.CreateBuilder<string, Way>();

        foreach (var change in script.OfType<LowLevel.CodeChange>())
        {
            foreach (var module in change.Modules)
            {
                var isDown = change.Mode == ChangeMode.Down;
                var isNone = module.Extra.ValueKind is System.Text.Json.JsonValueKind.Null or System.Text.Json.JsonValueKind.Undefined;
                ways.TryAdd(module.Module, new Way(new OldVsn(code.VsnOf(module.Module, isDown), isDown), isNone ? null : module.Extra));
            }
        }

        _ways = ways.ToImmutable();
    }

    /// <summary>Done when something has gone wrong for which the upgrade is to be given up; a whole sentence.</summary>
    internal Task<string> Failed => _failed.Task;

    internal override bool Keeps => _keeps;

    /// <summary>How many processes have come to the new code.</summary>
    internal int Moved => Volatile.Read(ref _moved);

    internal override ServerBody Move(ServerBody body, CodeVersion? target)
    {
        var moved = _ways.TryGetValue(body.ModuleName, out var way) ? Changed(body, target, way) : target is null ? body.Copy() : body.In(target);
        Interlocked.Increment(ref _moved);
        return moved;
    }

    private static ServerBody Changed(ServerBody body, CodeVersion? target, Way way)
    {
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

    internal override bool Holds(Cell cell, Exception exception)
    {
        // A process whose module is gone has nowhere to go, and the script has left it.
        if (exception is MissingMethodException)
        {
            return false;
        }

        lock (_lock)
        {
            if (!_holds)
            {
                return false;
            }

            _held.Add(cell);
        }

        Fail($"The conversion of process {cell.Pid} ({cell.Body?.ModuleName}) failed: {exception.Message.TrimEnd('.')}. Fix it and rebuild the release.");
        return true;
    }

    internal override void Lost(Cell cell, object message, Exception exception) => Fail(
        $"A message to process {cell.Pid} ({cell.Body?.ModuleName}) could not be converted and is lost: {exception.Message.TrimEnd('.')}. Keep its type, or write a conversion.");

    /// <summary>Says that the upgrade is to be given up. The first reason counts.</summary>
    internal void Fail(string why) => _failed.TrySetResult(why);

    /// <summary>It is decided: from here on a process that cannot be moved ends.</summary>
    /// <returns>The processes that stand still, for whoever lets them go on.</returns>
    internal ImmutableArray<Cell> Decide()
    {
        lock (_lock)
        {
            (_holds, _keeps) = (false, false);
            ImmutableArray<Cell> held = [.. _held];
            _held.Clear();
            return held;
        }
    }

    // How the processes of a module change code.
    private sealed record Way(OldVsn From, object? Extra);
}
