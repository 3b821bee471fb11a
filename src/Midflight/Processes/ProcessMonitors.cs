namespace Midflight;

// Monitors.
public static partial class Process
{
    /// <summary>Asks for a <see cref="Down"/> message when a process ends; at once if it has ended.</summary>
    public static MonitorRef Monitor(Pid process)
    {
        var monitor = new MonitorRef(Here, process);

        if (process.Cell is { } other)
        {
            other.Post(new MonitorSignal(monitor));
        }
        else
        {
            new MonitorSignal(monitor).Undeliverable(null);
        }

        return monitor;
    }

    /// <summary>Stops monitoring. After it, no <see cref="Down"/> of it comes; one that has come may wait in the mailbox.</summary>
    /// <remarks>The monitor of another process is left as it is, as in OTP.</remarks>
    public static void Demonitor(MonitorRef monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        var self = Here;

        if (monitor.Watcher == self)
        {
            monitor.Active = false;
            self.Bonds.Watched.Remove(monitor);
            monitor.Target.Cell?.Post(new DemonitorSignal(monitor));
        }
    }
}
