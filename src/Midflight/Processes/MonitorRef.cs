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

    /// <summary>The process that is watched.</summary>
    public Pid Target { get; }

    internal Cell Watcher { get; }

    // Owned by the watcher: false after Demonitor, so that a Down under way is dropped.
    internal bool Active { get; set; } = true;

    /// <summary>The process that is watched has ended. Owner of the watcher only, and even while it is busy.</summary>
    internal virtual void Ended(Cell watcher, ExitReason reason) => watcher.Enqueue(new Message(new Down(this, Target, reason)));
}

/// <summary>Tells a watcher that the process which it monitors has ended.</summary>
/// <param name="Ref">What <see cref="Process.Monitor"/> returned.</param>
/// <param name="Pid">The process that ended.</param>
/// <param name="Reason">Why; <see cref="ExitReason.NoProcess"/> if it had ended before.</param>
public sealed record Down(MonitorRef Ref, Pid Pid, ExitReason Reason);

/// <summary>Tells a process which traps exits that a linked process has ended: OTP's <c>{'EXIT', Pid, Reason}</c>.</summary>
/// <param name="Pid">The process that ended, or that sent the exit signal.</param>
/// <param name="Reason">Why.</param>
public sealed record Exited(Pid Pid, ExitReason Reason);
