namespace Midflight;

/// <summary>One monitoring of one process by another.</summary>
public class MonitorRef
{
    /// <summary>Begins on the watcher's side. Its owner only.</summary>
    internal MonitorRef(Cell watcher, Pid target)
    {
        (Watcher, Target) = (watcher, target);
        watcher.Bonds.Watched.Add(this);
    }

    /// <summary>Begins with what was asked for besides. Its owner only.</summary>
    internal static MonitorRef With(Cell watcher, Pid target, string? name, MonitorOptions? options)
    {
        var monitor = new MonitorRef(watcher, target) { _tag = options?.Tag, _name = name };

        if (options?.Alias is { } until)
        {
            monitor.Alias = new AliasRef(watcher, until, monitor);
        }

        return monitor;
    }

    private object? _tag;
    private string? _name;

    /// <summary>The process that is watched.</summary>
    public Pid Target { get; }

    /// <summary>By what others send to the watcher as long as it wants to hear; null where none was asked for.</summary>
    public AliasRef? Alias { get; private set; }

    internal Cell Watcher { get; }

    // Owned by the watcher: false after Demonitor, so that a Down under way is dropped.
    internal bool Active { get; private set; } = true;

    /// <summary>It tells of nothing any more, and an alias that lasts as long as it does is no longer good. Owner of the watcher only.</summary>
    internal void Stop()
    {
        Active = false;

        if (Alias is { Until: not AliasUntil.Unaliased } alias)
        {
            alias.Active = false;
        }
    }

    /// <summary>The process that is watched has ended. Owner of the watcher only, and even while it is busy.</summary>
    internal virtual void Ended(Cell watcher, ExitReason reason) =>
        watcher.Enqueue(new Message(new Down(this, Target, reason) { Tag = _tag, Name = _name }));
}

/// <summary>Tells a watcher that the process which it monitors has ended.</summary>
/// <param name="Ref">What <see cref="Process.Monitor(Midflight.Pid)"/> returned.</param>
/// <param name="Pid">The process that ended.</param>
/// <param name="Reason">Why; <see cref="ExitReason.NoProcess"/> if it had ended before.</param>
public sealed record Down(MonitorRef Ref, Pid Pid, ExitReason Reason)
{
    /// <summary>What <see cref="MonitorOptions.Tag"/> said; null where it said nothing.</summary>
    public object? Tag { get; init; }

    /// <summary>The name by which it was monitored; null where that was the pid.</summary>
    public string? Name { get; init; }
}

/// <summary>Tells a process which traps exits that a linked process has ended: OTP's <c>{'EXIT', Pid, Reason}</c>.</summary>
/// <param name="Pid">The process that ended, or that sent the exit signal.</param>
/// <param name="Reason">Why.</param>
public sealed record Exited(Pid Pid, ExitReason Reason);
