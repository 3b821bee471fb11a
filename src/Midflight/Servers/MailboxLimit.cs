namespace Midflight;

/// <summary>What is done where more waits for a server than it allows.</summary>
public enum MailboxOverflow
{
    /// <summary>The log says so, once a minute at most.</summary>
    Warn,

    /// <summary>Casts are dropped, as long as there are too many; the log says so. Calls and all other messages come in.</summary>
    Shed,

    /// <summary>The server is killed, and its supervisor starts it again, with an empty mailbox.</summary>
    End,
}

/// <summary>How many messages may wait for a server.</summary>
/// <param name="Messages">Casts and plain messages that were sent to it and not begun to be handled. 1 or more. Calls do not count: who calls waits, and so sends no more.</param>
/// <param name="Overflow">What is done with more. Default: <see cref="MailboxOverflow.Shed"/>.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="Messages"/> is below 1.</exception>
/// <remarks>What Midflight itself tells the server (ends, time-outs, sockets) does not count either.</remarks>
public sealed record MailboxLimit(int Messages, MailboxOverflow Overflow = MailboxOverflow.Shed)
{
    /// <summary>Casts and plain messages that were sent to it and not begun to be handled.</summary>
    public int Messages { get; } = Messages >= 1
        ? Messages
        : throw new ArgumentOutOfRangeException(nameof(Messages), Messages, "A mailbox limit is 1 or more; null means no limit.");
}
