namespace Midflight;

/// <summary>What the end of a job means to who started it, and the other way round.</summary>
internal enum JobTie
{
    /// <summary>Nothing: a supervisor has it, or it was shut down.</summary>
    None,

    /// <summary>A link.</summary>
    Link,

    /// <summary>As a link, but for the message of the end to an owner that traps exits: the outcome tells it.</summary>
    Stream,
}

/// <summary>Somebody waits until some jobs are done. Owner of the jobs only.</summary>
internal sealed class JobWait(PendingCall call, int left)
{
    private int _left = left;

    /// <summary>Whether the wait has ended, well or not.</summary>
    internal bool IsOver => call.IsReply;

    internal void Done()
    {
        if (--_left == 0)
        {
            call.Reply(null, 0);
        }
    }
}

/// <summary>Ends a job of a stream with the process that reads it, for whatever reason that ends.</summary>
internal sealed class OwnerWatch(Cell job, Pid owner) : MonitorRef(job, owner)
{
    internal override void Ended(Cell watcher, ExitReason reason) =>
        watcher.Post(new ExitSignal(Target.Cell, reason is ExitReason.NormalReason ? ExitReason.Shutdown : reason, link: false));
}
