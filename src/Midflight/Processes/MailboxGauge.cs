namespace Midflight;

/// <summary>Counts what waits for a process that has a limit, where it is sent. Any thread.</summary>
/// <remarks>
/// Counted up before a message is posted, and down when it is taken out to be handled, so the figure is never below what waits. Two senders can both find
/// it at the limit and both shed; none can find it below and both go above by more than one each.
/// </remarks>
internal sealed class MailboxGauge(Cell cell, MailboxLimit limit)
{
    private readonly Lock _lock = new();
    private readonly Seldom _tells = new(cell.Node.Time);
    private int _waiting;

    internal void Post(object content, bool isCast)
    {
        if (Interlocked.Increment(ref _waiting) > limit.Messages && !MayCome(isCast))
        {
            Taken();
            return;
        }

        cell.Post(isCast ? new CountedCast(this, content) : new CountedMessage(this, content));
    }

    /// <summary>One was taken out to be handled.</summary>
    internal void Taken() => Interlocked.Decrement(ref _waiting);

    private bool MayCome(bool isCast)
    {
        var sheds = limit.Overflow == MailboxOverflow.Shed && isCast;

        if (sheds)
        {
            cell.Node.Meter.CastShed();
        }

        bool tells;

        lock (_lock)
        {
            tells = _tells.IsTime();
        }

        if (tells)
        {
            MailboxLog.Full(cell.Node.Logger, cell.Pid, cell.Body?.ModuleName, limit.Messages, limit.Overflow switch
            {
                MailboxOverflow.Warn => "They all wait",
                MailboxOverflow.Shed => "Casts are dropped until there are fewer",
                _ => "So it is killed",
            });
        }

        if (limit.Overflow == MailboxOverflow.End)
        {
            cell.Kill();
        }

        return !sheds;
    }
}

/// <summary>A plain message to a process with a limit.</summary>
internal sealed class CountedMessage(MailboxGauge gauge, object content) : Message(content), ICounted
{
    public void Taken() => gauge.Taken();
}

/// <summary>A cast to a process with a limit.</summary>
internal sealed class CountedCast(MailboxGauge gauge, object content) : CastMessage(content), ICounted
{
    public void Taken() => gauge.Taken();
}

/// <summary>A message whose sender wants to know that it waits no longer.</summary>
internal interface ICounted
{
    /// <summary>Whoever takes it out of the mailbox to handle it says so, once.</summary>
    public void Taken();
}
