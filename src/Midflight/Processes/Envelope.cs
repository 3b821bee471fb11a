using System.Diagnostics;

namespace Midflight;

/// <summary>What travels in a mailbox: a message, a call, or a signal of the runtime.</summary>
internal abstract class Envelope
{
    // The one behind it: newer than this in a mailbox's waiting list, older in its inbox.
    internal Envelope? Next;

    /// <summary>The receiver has ended without taking this.</summary>
    /// <param name="reason">Why it ended, where that was after this had come; null where it had ended before.</param>
    internal virtual void Undeliverable(ExitReason? reason)
    {
    }
}

/// <summary>A plain message.</summary>
internal class Message(object content) : Envelope
{
    internal object Content = content;

    /// <summary>It was taken out of the mailbox, whatever becomes of it now. Owner only, once.</summary>
    internal virtual void Taken()
    {
    }
}

/// <summary>A cast to a server: handled by HandleCast, where a plain message goes to HandleInfo.</summary>
internal class CastMessage(object content) : Message(content);

/// <summary>A message of a sender with a span, which its handler's is to belong to.</summary>
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

/// <summary>Says when a server has handled what came before it, or has ended.</summary>
internal sealed class Marker(Action reached) : Message("marker")
{
    internal void Reach() => reached();

    internal override void Undeliverable(ExitReason? reason) => reached();
}

/// <summary>Marks the states of an inbox that no envelope can be in.</summary>
internal sealed class InboxState : Envelope
{
    /// <summary>Nothing waits and nobody runs the process; a caller may run it in place.</summary>
    internal static readonly InboxState Idle = new();

    /// <summary>Nothing waits and nobody runs the process; only a scheduler may run it.</summary>
    internal static readonly InboxState Parked = new();

    /// <summary>The process has ended.</summary>
    internal static readonly InboxState Dead = new();
}

/// <summary>What is handled when it is fetched, ahead of the messages which wait.</summary>
internal abstract class Signal : Envelope
{
    /// <summary>Carries the signal out. Owner of the cell only.</summary>
    internal abstract void Act(Cell cell);

    /// <summary>Whether it runs code of the process, which one that ends does not do any more.</summary>
    internal virtual bool RunsCode => false;
}

/// <summary>A continuation of the process's own asynchronous code.</summary>
internal sealed class Continuation(SendOrPostCallback callback, object? state) : Signal
{
    internal override void Act(Cell cell) => callback(state);

    internal override bool RunsCode => true;
}

/// <summary>Something to be done by whoever owns the cell, at once and between two messages.</summary>
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
