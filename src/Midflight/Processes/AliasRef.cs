namespace Midflight;

/// <summary>A way to send to one process that the process can take back. See <see cref="Process.Alias"/>.</summary>
public sealed class AliasRef
{
    internal AliasRef(Cell owner, AliasUntil until, MonitorRef? monitor = null) => (Owner, Until, Monitor) = (owner, until, monitor);

    /// <summary>The process that made it.</summary>
    public Pid Process => Owner.Pid;

    internal Cell Owner { get; }

    internal AliasUntil Until { get; }

    /// <summary>The monitor that it came with, if it did.</summary>
    internal MonitorRef? Monitor { get; }

    /// <summary>Whether what comes by it is let in. Owner only.</summary>
    internal bool Active { get; set; } = true;

    /// <inheritdoc/>
    public override string ToString() => $"alias of {Process}";
}

/// <summary>A message that comes by an alias. Whether it is let in is decided as it arrives, in its order among the messages of its sender.</summary>
internal sealed class AliasSignal(AliasRef alias, object content) : Signal
{
    internal override void Act(Cell cell)
    {
        if (!alias.Active)
        {
            return;
        }

        if (alias.Until == AliasUntil.Reply)
        {
            alias.Active = false;

            if (alias.Monitor is { Active: true } monitor)
            {
                monitor.Stop();
                cell.Bonds.Watched.Remove(monitor);
                monitor.Target.Cell?.Post(new DemonitorSignal(monitor));
            }
        }

        cell.Enqueue(new Message(content));
    }
}
