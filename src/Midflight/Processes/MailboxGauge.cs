namespace Midflight;

/// <summary>Counts what waits for a process that has a limit, where it is sent. Any thread.</summary>
/// <remarks>
/// Counted up before a message is posted, and down when it is taken out of the mailbox (<see cref="Message.Taken"/>), so the figure is never below what waits.
/// Of two senders at the limit both may shed, which is one too many; none can go above it without being told. One gauge serves a process for good, whatever
/// limit its code versions have: it knows all that it has counted.
/// </remarks>
internal sealed class MailboxGauge(Cell cell)
{
    private readonly Lock _lock = new();
    private readonly Seldom _tells = new(cell.Node.Time);
    private int _waiting;

    /// <summary>The limit of the code that runs now; null for none. Written by the owner.</summary>
    internal volatile MailboxLimit? Limit;

    internal void Post(Message message)
    {
        if (Lets(message))
        {
            cell.Post(message);
        }
    }

    /// <summary>Counts a message that is to be posted.</summary>
    /// <returns>False where it is not to be.</returns>
    internal bool Lets(Message message)
    {
        if (Interlocked.Increment(ref _waiting) is var waiting && Limit is { } limit && waiting > limit.Messages && IsShed(message, limit))
        {
            Taken();
            return false;
        }

        return true;
    }

    /// <summary>One waits no more.</summary>
    internal void Taken() => Interlocked.Decrement(ref _waiting);

    private bool IsShed(Message message, MailboxLimit limit)
    {
        var sheds = limit.Overflow == MailboxOverflow.Shed && message is CastMessage;

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
                MailboxOverflow.Warn => "They all stay in the mailbox",
                MailboxOverflow.Shed => "Casts are dropped until there are fewer messages",
                _ => "The process is killed",
            });
        }

        if (limit.Overflow == MailboxOverflow.End)
        {
            cell.Kill();
        }

        return sheds;
    }
}

/// <summary>A plain message to a process with a limit.</summary>
internal sealed class CountedMessage(MailboxGauge gauge, object content) : Message(content)
{
    internal override void Taken() => gauge.Taken();
}

/// <summary>A cast to a process with a limit.</summary>
internal sealed class CountedCast(MailboxGauge gauge, object content) : CastMessage(content)
{
    internal override void Taken() => gauge.Taken();
}
