using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>
/// One process at run time: its mailbox, links and deadlines. What it runs, its <see cref="Body"/>, can be
/// replaced by that of another code version; the cell, and with it the pid and all that waits, stays.
/// </summary>
/// <remarks>
/// <para>
/// A cell is run by one thread at a time, its owner: who takes it out of rest owns it until it puts it back (<see cref="Inbox"/>, one
/// word that is both the queue of what is new and the lock). Fields without another word belong to the owner; handing that word on publishes them.
/// </para>
/// <para>
/// It is a synchronization context so that the continuations of a process's asynchronous code come back as
/// signals of that process, and so that the running thread knows whose code it runs.
/// </para>
/// </remarks>
[DebuggerDisplay("<{Number}> {Body}")]
internal sealed class Cell : SynchronizationContext, IThreadPoolWorkItem
{
    // Messages handled in one slice before other processes get the thread.
    internal const int SliceBudget = 512;

    // Calls of others that are handled on the thread of one that called, behind its own.
    private const int CallsInPlace = 8;

    private Inbox _inbox;

    /// <summary>What was fetched and waits. Owner only.</summary>
    internal Mailbox Mailbox;

    internal readonly Node Node;
    internal readonly long Number;
    /// <summary>What it runs. Owner only; read by any thread.</summary>
    internal Body? Body
    {
        get;
        set
        {
            var before = field;
            field = value;

            if (before is not null)
            {
                value?.Follow(this);
            }
        }
    }

    internal Links Links;
    internal ExitReason? Ending;

    // The process that started it, where it is linked to one; a behaviour ends with it.
    internal Cell? Parent;

    private Bonds? _bonds;

    /// <summary>Counts what waits, from when there was a limit to it first. Owner only; read by any thread, which may see it late.</summary>
    internal MailboxGauge? Gauge;

    /// <summary>Calls of this process that wait for their reply. Owner only.</summary>
    internal OpenCalls Calls;

    // When the earliest armed timer of this cell fires, in milliseconds of the node's clock.
    private long _armed = long.MaxValue;

    internal int Budget;

    /// <summary>Messages handled and continuations run, up to the last slice. Owner only; stale to others.</summary>
    internal long Reductions;
    private bool _trapsExits;

    // How many calls in place lead to this one running.
    internal byte Depth;
    internal bool Suspended;

    // Suspended together with others, and goes on where one of them needs it.
    internal bool InStandstill;

    private volatile bool _isKilled;

    // Set while asynchronous code of a body runs: messages wait, signals do not.
    internal bool Busy;

    /// <summary>Whether it runs on the thread pool, and on threads that come for it, instead of those of the scheduler: see <see cref="Errand"/>.</summary>
    internal bool IsErrand { get; init; }

    // Where it is in the process table; the place is owned by the stripe's lock.
    internal byte Stripe;
    internal int Place;

    internal Cell(Node node, InboxState? state)
    {
        Node = node;
        _inbox = new(state);
        Number = node.Processes.Add(this);

        // After the table knows of it: whoever closes the node says so first and looks into the table afterwards.
        if (node.IsClosing)
        {
            Kill();
        }
    }

    internal static new Cell? Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => SynchronizationContext.Current as Cell;
    }

    internal Pid Pid => new(this);

    /// <summary>Whether nothing waits and nobody runs it; may be stale when it is read. Any thread.</summary>
    internal bool Rests => _inbox.Rests;

    internal bool IsDead => _inbox.IsDead;

    /// <summary>Whether it is to end wherever it is. Set by any thread, and for good.</summary>
    internal bool IsKilled => _isKilled;

    internal Bonds Bonds => _bonds ??= new();

    /// <summary>Ends the span of a handler that has awaited something, if there is one. Owner only.</summary>
    /// <param name="reason">Why the process ends, where it does.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void StopSpan(ExitReason? reason = null)
    {
        if (_bonds is { Span: { } span } bonds)
        {
            bonds.Span = null;
            Spans.Stop(span, reason is { IsAbnormal: true } ? reason.ToString() : null);
        }
    }

    /// <summary>Its registered names. Owner only.</summary>
    internal IReadOnlyList<string> Names => _bonds is { } bonds ? bonds.Names : [];

    /// <summary>What people see of it beside its module; may be stale to others than the owner.</summary>
    internal string? Label => _bonds?.Label;

    /// <summary>On whose behalf it works. Owner only.</summary>
    internal Callers? Callers => _bonds?.Callers;

    internal bool TrapsExits
    {
        get => _trapsExits;
        set => _trapsExits = value;
    }

    /// <summary>Ends the process, trapping exits or not: at the next safepoint, where it does not come to its end before. Any thread.</summary>
    internal void Kill()
    {
        _isKilled = true;

        if (!Post(new ExitSignal(null, ExitReason.Kill, link: false)))
        {
            Runaways.Kill(this);
        }
    }

    /// <summary>Adds an envelope; schedules the process if it rests. Any thread.</summary>
    /// <returns>Whether it rested, or had ended.</returns>
    internal bool Post(Envelope envelope)
    {
        switch (_inbox.Add(envelope))
        {
            case Arrival.Waits:
                return false;
            case Arrival.Wakes:
                Scheduler.Ready(this);
                return true;
            default:
                envelope.Next = null;
                envelope.Undeliverable(null);
                return true;
        }
    }

    /// <summary>Adds a plain message; schedules the process if it rests. Any thread.</summary>
    internal void Send(object content)
    {
        if (Gauge is { } gauge)
        {
            gauge.Post(new CountedMessage(gauge, content));
        }
        else if (_inbox.TryWake(content))
        {
            Scheduler.Ready(this);
        }
        else
        {
            Post(new Message(content));
        }
    }

    /// <summary>Adds a cast; schedules the process if it rests. Any thread.</summary>
    internal void PostCast(object content)
    {
        if (Gauge is { } gauge)
        {
            gauge.Post(new CountedCast(gauge, content));
        }
        else if (_inbox.AddCast(content) == Arrival.Wakes)
        {
            Scheduler.Ready(this);
        }
    }

    /// <summary>Takes a resting cell over, to run it on this thread. Any thread.</summary>
    /// <param name="parked">Whether a parked cell is to be had too.</param>
    internal bool TryEnter(bool parked = false) => _inbox.TryEnter(parked);

    /// <summary>Gives an entered cell back: it rests, or is scheduled if something came meanwhile. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave()
    {
        if (!TryLeave())
        {
            Scheduler.Ready(this);
        }
    }

    /// <summary>Gives a cell back that was run in place for another process. Owner only, on that one's thread, as part of its slice.</summary>
    /// <remarks>
    /// Calls that came meanwhile are handled before that, a few at most: the process is in the cache here, and the caller will likely
    /// call it again. Handed to the scheduler it would be busy then, and so one call after the other would be queued, by all
    /// who call it. All else is left to the scheduler, so that the caller does not wait for work which is none of a call's.
    /// </remarks>
    internal void LeaveInPlace(Cell caller)
    {
        for (var left = CallsInPlace; !TryLeave(); left--)
        {
            if (Ending is null && left > 0 && caller.Budget > 0)
            {
                Fetch();

                if (Ending is null && !Busy && !Body!.HasNext && Mailbox.First is PendingCall)
                {
                    caller.Budget--;
                    (Depth, Budget) = ((byte)(caller.Depth + 1), 1);
                    HandleWhatCame();
                    continue;
                }
            }

            Scheduler.Ready(this);
            return;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLeave()
    {
        Depth = 0;
        return Mailbox.IsEmpty && Ending is null && TryRest();
    }

    /// <summary>Does something as owner of the cell, at once if it rests, else between two of its messages. Any thread.</summary>
    /// <param name="action">Runs on this thread or on a scheduler's.</param>
    /// <param name="missed">Called instead where the process has ended.</param>
    internal void Do(Action<Cell> action, Action<Access>? missed = null)
    {
        if (!TryEnter(parked: true))
        {
            Post(new Access(action, missed));
            return;
        }

        try
        {
            action(this);
        }
        // As in Act, where it runs when the process does not rest.
        catch (Exception exception)
        {
            Fault(exception);
        }

        Leave();
    }

    /// <summary>Keeps the process from its next message until asynchronous work of its own is done. Owner only, in its slice.</summary>
    /// <param name="work">What its exception ends the process with.</param>
    /// <param name="done">Given the result, in the slice.</param>
    internal void Hold<T>(ValueTask<T> work, Action<T> done)
    {
        Busy = true;
        var awaiter = work.GetAwaiter();

        // The cell is the captured context, so this comes back as one of its signals.
        awaiter.UnsafeOnCompleted(() =>
        {
            Busy = false;
            done(awaiter.GetResult());
        });
    }

    /// <summary>Answers a call with what some work of this process yields, or with its exception. Owner only, in its slice.</summary>
    internal void Answer(PendingCall call, Func<Cell, ValueTask<object?>> work)
    {
        var working = Work();

        if (!working.IsCompleted)
        {
            Hold(working, static _ => { });
        }

        async ValueTask<bool> Work()
        {
            try
            {
                call.Reply(await work(this), 0);
            }
            // Whoever asked for it hears of it; the process goes on.
            catch (Exception exception)
            {
                call.Fail(exception);
            }

            return true;
        }
    }

    // False where there is more to do.
    private bool TryRest()
    {
        var state = InboxState.Parked;

        if (!Suspended && !Busy)
        {
            if (Body!.RunsInPlace)
            {
                state = InboxState.Idle;
            }
            else if (Body.HasNext)
            {
                return false;
            }
        }

        return _inbox.TryRest(state);
    }

    /// <summary>Runs one slice. Owner only: called by the scheduler for a cell that it was given.</summary>
    /// <returns>Whether the process has ended.</returns>
    internal bool Run()
    {
        SetSynchronizationContext(this);
        Budget = SliceBudget;

        do
        {
            HandleWhatCame();

            if (Ending is { } reason)
            {
                End(reason);
                return true;
            }

            if (Budget <= 0)
            {
                Scheduler.Yield(this);
                return false;
            }
        }
        while (!TryRest());

        return false;
    }

    /// <summary>Runs one slice on a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute() => Scheduler.Visit(this);

    private void HandleWhatCame()
    {
        var before = Budget;
        Fetch();

        // An end does not wait for asynchronous code: what that later posts finds the process dead.
        if (Ending is null && !Busy)
        {
            try
            {
                Body!.Step(this);
            }
            // The last line: whatever it is, it ends this process and not the thread.
            catch (Exception exception)
            {
                Fault(exception);
            }
        }

        // The budget tells what was handled: nothing is counted on the way.
        Reductions += before - Budget;
    }

    /// <summary>Takes what has come: signals are carried out, messages put behind those which wait. Owner only.</summary>
    internal void Fetch()
    {
        if (_inbox.Take() is not { } came)
        {
            return;
        }

        if (came is not Envelope newest)
        {
            if (!Mailbox.IsEmpty || !Body!.TryTake(this, came))
            {
                Enqueue(new Message(came));
            }

            return;
        }

        Envelope? oldest = null;

        while (newest is not null)
        {
            (newest as CastBatch)?.Close();
            var next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next!;
        }

        while (oldest is not null)
        {
            var next = oldest.Next;
            oldest.Next = null;

            // Most are plain messages, and one compare tells so, where the other question goes through base classes.
            if (oldest.GetType() != typeof(Message) && oldest is Signal signal)
            {
                Act(signal);
            }
            else
            {
                Enqueue(oldest);
            }

            oldest = next;
        }
    }

    private void Act(Signal signal)
    {
        if (Ending is not null && signal.RunsCode)
        {
            return;
        }

        // So that a process which only ever continues gives way as well.
        Budget--;

        try
        {
            signal.Act(this);
        }
        // Code of the process threw: that ends the process, never the thread.
        catch (Exception exception)
        {
            Fault(exception);
        }
    }

    /// <summary>Ends the process for an exception that nothing nearer to its cause caught. Owner only.</summary>
    internal void Fault(Exception exception)
    {
        var reason = IsKilled ? ExitReason.Killed : ExitException.ReasonOf(exception);
        CrashReport.Write(this, reason, null);
        Ending ??= reason;
    }

    /// <inheritdoc cref="Mailbox.Enqueue"/>
    internal void Enqueue(Envelope message) => Mailbox.Enqueue(message);

    internal bool HasMessages => !Mailbox.IsEmpty;

    /// <summary>Whether a caller of some kind is owed a reply. Owner only.</summary>
    internal bool Owes(Predicate<PendingCall> caller) => _bonds?.Owes(caller) is true;

    /// <summary>How many messages wait; may be stale when it is read. Any thread.</summary>
    internal int QueueLength() => Mailbox.Count(Volatile.Read(ref Mailbox.First)) + _inbox.Count;

    /// <summary>Asks to be looked at when the node's clock reads this. Owner only.</summary>
    /// <remarks>
    /// An armed timer that fires early is put on again, and a later deadline arms nothing: a process that calls in a loop
    /// touches the timers once in five seconds, not once a call.
    /// </remarks>
    internal void Arm(long due)
    {
        if (due < _armed)
        {
            _armed = due;
            Node.Timers.Arm(this, due);
        }
    }

    internal void DeadlinePassed(long due)
    {
        if (due == _armed)
        {
            _armed = long.MaxValue;
        }

        var now = Node.Timers.Now;

        Arm(Calls.TimeOut(now));
        Body?.DeadlinePassed(this, now);
    }

    /// <summary>Ends the process: tells links and monitors, fails the calls that wait. Owner only.</summary>
    internal void End(ExitReason reason)
    {
        var body = Body;
        Body = null;
        Ending = reason;

        if (_bonds is { } bonds)
        {
            foreach (var name in bonds.Names)
            {
                Node.Names.Remove(name, this);
            }

            bonds.Unregister();
            bonds.Starting?.Failed(this, reason);
        }

        Node.Processes.Remove(this);
        body?.Ended(this, reason);

        // From here on every post is refused; what came before is refused now.
        var newest = _inbox.Close();
        var waiting = Mailbox.First;
        (Mailbox, Calls) = (default, default);

        if (_armed != long.MaxValue)
        {
            Node.Timers.Dropped();
        }

        SetSynchronizationContext(null);

        Refuse(waiting, reason);
        Refuse(newest, reason);

        // Ahead of links and monitors, as in OTP: whoever starts it again finds its tables and ports free.
        _bonds?.Release(this);

        if (!Links.IsEmpty)
        {
            foreach (var linked in Links.All())
            {
                linked.Post(new ExitSignal(this, reason, link: true));
            }

            Links.Clear();
        }

        Parent = null;

        if (_bonds is { } left)
        {
            _bonds = null;
            left.Sever(reason);
        }

        // A pid may be kept for ever, and with it what the reason holds: an exception of old code, say.
        Ending = null;
    }

    private static void Refuse(Envelope? chain, ExitReason reason)
    {
        while (chain is not null)
        {
            var next = chain.Next;
            chain.Next = null;
            chain.Undeliverable(reason);
            chain = next;
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => Post(new Continuation(d, state));

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException($"Code of process {Pid} runs only on the process itself; use Post.");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}
