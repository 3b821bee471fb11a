using System.Diagnostics;

namespace Midflight;

/// <summary>An item in a mailbox: a message, a call, or a signal of the runtime.</summary>
internal abstract class Envelope
{
    // The next one: newer than this in a mailbox's waiting list, older in its inbox.
    internal Envelope? Next;

    /// <summary>The receiver has ended without handling this.</summary>
    /// <param name="reason">Why it ended, if it ended after this had arrived; null if it had ended before.</param>
    internal virtual void Undeliverable(ExitReason? reason)
    {
    }
}

/// <summary>A plain message.</summary>
internal class Message(object content) : Envelope
{
    internal object Content = content;

    /// <summary>It was taken out of the mailbox, whatever happens to it now. Owner only, once.</summary>
    internal virtual void Taken()
    {
    }
}

/// <summary>A cast to a server: HandleCast handles it, while a plain message goes to HandleInfo.</summary>
internal class CastMessage(object content) : Message(content);

/// <summary>A message of a sender with a span, which becomes the parent of the handler's span.</summary>
internal interface ISpanned
{
    public ActivityContext Sent { get; }
}

/// <summary>A cast within a span. Never in a batch.</summary>
internal sealed class SpannedCast(object content, ActivityContext sent, MailboxGauge? gauge) : CastMessage(content), ISpanned
{
    public ActivityContext Sent => sent;

    internal override void Taken() => gauge?.Taken();
}

/// <summary>Reports when a server has handled what came before it, or has ended.</summary>
internal sealed class Marker(Action reached) : Message("marker")
{
    internal void Reach() => reached();

    internal override void Undeliverable(ExitReason? reason) => reached();
}

/// <summary>Marks the states of an inbox in which there is no envelope.</summary>
internal sealed class InboxState : Envelope
{
    /// <summary>Nothing waits and nobody runs the process; a caller may run it in place.</summary>
    internal static readonly InboxState Idle = new();

    /// <summary>Nothing waits and nobody runs the process; only a scheduler may run it.</summary>
    internal static readonly InboxState Parked = new();

    /// <summary>The process has ended.</summary>
    internal static readonly InboxState Dead = new();
}

/// <summary>An item that is handled when it is fetched, before the waiting messages.</summary>
internal abstract class Signal : Envelope
{
    /// <summary>Carries the signal out. Owner of the cell only.</summary>
    internal abstract void Act(Cell cell);

    /// <summary>Whether it runs code of the process, which an ending process no longer does.</summary>
    internal virtual bool RunsCode => false;
}

/// <summary>A continuation of the process's own asynchronous code.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : Signal
{
    internal override void Act(Cell cell) => callback(state);

    internal override bool RunsCode => true;
}

/// <summary>An action for the owner of the cell, carried out at once or between two messages.</summary>
internal sealed class Access(Action<Cell> action, Action<Access>? missed = null) : Signal
{
    internal override void Act(Cell cell) => action(cell);

    internal override void Undeliverable(ExitReason? reason) => missed?.Invoke(this);
}

/// <summary>A deadline may have passed.</summary>
internal sealed class DeadlineSignal(long due) : Signal
{
    internal override void Act(Cell cell) => cell.DeadlinePassed(due);

    internal override bool RunsCode => true;
}
