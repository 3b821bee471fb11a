namespace Midflight;

/// <summary>What happens when more messages wait for a server than its limit allows.</summary>
public enum MailboxOverflow
{
    /// <summary>A warning is logged, at most once a minute.</summary>
    Warn,

    /// <summary>Casts are dropped while there are too many, and the log says so. Calls and all other messages are accepted.</summary>
    Shed,

    /// <summary>The server is killed. Its supervisor restarts it with an empty mailbox.</summary>
    End,
}

/// <summary>How many messages may wait for a server.</summary>
/// <param name="Messages">Casts and plain messages whose handling has not started. 1 or more. Calls do not count: a caller waits, and so sends no more.</param>
/// <param name="Overflow">What happens to further messages. Default: <see cref="MailboxOverflow.Shed"/>.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="Messages"/> is below 1.</exception>
/// <remarks>Messages from Midflight itself (exits, time-outs, sockets) do not count either.</remarks>
public sealed record MailboxLimit(int Messages, MailboxOverflow Overflow = MailboxOverflow.Shed)
{
    /// <summary>Casts and plain messages whose handling has not started.</summary>
    public int Messages { get; } = Messages >= 1
        ? Messages
        : throw new ArgumentOutOfRangeException(nameof(Messages), Messages, "A mailbox limit is 1 or more; null means no limit.");
}
