namespace Midflight;

/// <summary>A revocable way to send to one process. See <see cref="Process.Alias"/>.</summary>
public sealed class AliasRef
{
    internal AliasRef(Cell owner, AliasUntil until, MonitorRef? monitor = null) => (Owner, Until, Monitor) = (owner, until, monitor);

    /// <summary>The process that created it.</summary>
    public Pid Process => Owner.Pid;

    internal Cell Owner { get; }

    internal AliasUntil Until { get; }

    /// <summary>The monitor that it came with, if any.</summary>
    internal MonitorRef? Monitor { get; }

    /// <summary>Whether messages through it are accepted. Owner only.</summary>
    internal bool Active { get; set; } = true;

    /// <inheritdoc/>
    public override string ToString() => $"alias of {Process}";
}

/// <summary>A message through an alias. Whether it is accepted is decided when it arrives, in its order among the messages of its sender.</summary>
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
