namespace Midflight;

/// <summary>What the end of a job means for its starter, and the other way round.</summary>
internal enum JobTie
{
    /// <summary>Nothing: it belongs to a supervisor, or was shut down.</summary>
    None,

    /// <summary>A link.</summary>
    Link,

    /// <summary>Like a link, but an owner that traps exits gets no message of the end, because the outcome reports it.</summary>
    Stream,
}

/// <summary>A wait until some jobs are done. Owner of the jobs only.</summary>
internal sealed class JobWait(PendingCall call, int left)
{
    private int _left = left;

    /// <summary>Whether the wait has ended, successfully or not.</summary>
    internal bool IsOver => call.IsReply;

    internal void Done()
    {
        if (--_left == 0)
        {
            call.Reply(null, 0);
        }
    }
}

/// <summary>Ends a job of a stream when the process that reads it ends, for whatever reason.</summary>
internal sealed class OwnerWatch(Cell job, Pid owner) : MonitorRef(job, owner)
{
    internal override void Ended(Cell watcher, ExitReason reason) =>
        watcher.Post(new ExitSignal(Target.Cell, reason is ExitReason.NormalReason ? ExitReason.Shutdown : reason, link: false));
}
