namespace Midflight;

/// <summary>Counts the waiting messages of a process with a limit, where they are sent. Any thread.</summary>
/// <remarks>
/// Incremented before a message is posted, and decremented when it is taken out of the mailbox (<see cref="Message.Taken"/>), so the count is never below the number that waits.
/// Two senders at the limit may both drop a cast, which is one too many; none can exceed the limit without being told. One gauge serves a process for good, whatever
/// limit its code versions have: it knows everything that it has counted.
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

    /// <summary>Counts a message that is about to be posted.</summary>
    /// <returns>False if it must not be posted.</returns>
    internal bool Lets(Message message)
    {
        if (Interlocked.Increment(ref _waiting) is var waiting && Limit is { } limit && waiting > limit.Messages && IsShed(message, limit))
        {
            Taken();
            return false;
        }

        return true;
    }

    /// <summary>A message no longer waits.</summary>
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
