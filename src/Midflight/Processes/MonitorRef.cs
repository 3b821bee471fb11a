namespace Midflight;

/// <summary>A monitor: one process monitors another.</summary>
public class MonitorRef
{
    /// <summary>Starts it on the watcher's side. Its owner only.</summary>
    internal MonitorRef(Cell watcher, Pid target)
    {
        (Watcher, Target) = (watcher, target);
        watcher.Bonds.Watched.Add(this);
    }

    /// <summary>Starts it with options. Its owner only.</summary>
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

    /// <summary>The monitored process.</summary>
    public Pid Target { get; }

    /// <summary>The alias by which others send to the watcher while it is valid; null if none was requested.</summary>
    public AliasRef? Alias { get; private set; }

    internal Cell Watcher { get; }

    // Owned by the watcher: false after Demonitor, so that a Down on its way is dropped.
    internal bool Active { get; private set; } = true;

    /// <summary>It reports nothing any more, and an alias that lasts as long as it does is no longer valid. Owner of the watcher only.</summary>
    internal void Stop()
    {
        Active = false;

        if (Alias is { Until: not AliasUntil.Unaliased } alias)
        {
            alias.Active = false;
        }
    }

    /// <summary>The monitored process has ended. Owner of the watcher only, even while it is busy.</summary>
    internal virtual void Ended(Cell watcher, ExitReason reason) =>
        watcher.Enqueue(new Message(new Down(this, Target, reason) { Tag = _tag, Name = _name }));
}

/// <summary>Tells a watcher that a process which it monitors has ended.</summary>
/// <param name="Ref">The result of <see cref="Process.Monitor(Midflight.Pid)"/>.</param>
/// <param name="Pid">The process that ended.</param>
/// <param name="Reason">Why; <see cref="ExitReason.NoProcess"/> if it had ended before.</param>
public sealed record Down(MonitorRef Ref, Pid Pid, ExitReason Reason)
{
    /// <summary>The <see cref="MonitorOptions.Tag"/>; null if there was none.</summary>
    public object? Tag { get; init; }

    /// <summary>The name by which it was monitored; null if it was monitored by pid.</summary>
    public string? Name { get; init; }
}

/// <summary>Tells a process that traps exits that a linked process has ended: OTP's <c>{'EXIT', Pid, Reason}</c>.</summary>
/// <param name="Pid">The process that ended, or that sent the exit signal.</param>
/// <param name="Reason">Why.</param>
public sealed record Exited(Pid Pid, ExitReason Reason);
