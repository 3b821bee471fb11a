using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>
/// One process at run time: its mailbox, links and deadlines. What it runs, its <see cref="Body"/>, can be
/// replaced by a body of another code version. The cell stays, and with it the pid and everything that waits.
/// </summary>
/// <remarks>
/// <para>
/// One thread at a time runs a cell, its owner: whoever takes it out of rest owns it until putting it back (<see cref="Inbox"/>, one
/// word that is both the queue of new messages and the lock). Fields without a note belong to the owner; passing that word on publishes them.
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

    // How many calls from others are handled on a caller's thread, after its own.
    private const int CallsInPlace = 8;

    private Inbox _inbox;

    /// <summary>Fetched messages that are waiting. Owner only.</summary>
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

    // The linked process that started it, if there is one. A behaviour ends with it.
    internal Cell? Parent;

    private Bonds? _bonds;

    /// <summary>Counts waiting messages, from the time when a limit was first set. Owner only; other threads may read an old value.</summary>
    internal MailboxGauge? Gauge;

    /// <summary>This process's calls that are waiting for their reply. Owner only.</summary>
    internal OpenCalls Calls;

    // When the earliest armed timer of this cell fires, in milliseconds of the node's clock.
    private long _armed = long.MaxValue;

    internal int Budget;

    /// <summary>Messages handled and continuations run, up to the last slice. Owner only; other threads may read an old value.</summary>
    internal long Reductions;
    private bool _trapsExits;

    // How many nested calls in place lead to this one.
    internal byte Depth;
    internal bool Suspended;

    // Suspended together with others. It continues when one of them needs it.
    internal bool InStandstill;

    private volatile bool _isKilled;

    // Set while asynchronous code of a body is running: messages wait, signals do not.
    internal bool Busy;

    /// <summary>Whether it runs on the thread pool and on the threads that wait for it, instead of the scheduler's: see <see cref="Errand"/>.</summary>
    internal bool IsErrand { get; init; }

    // Where it is in the process table. The stripe's lock guards the position.
    internal byte Stripe;
    internal int Place;

    internal Cell(Node node, InboxState? state)
    {
        Node = node;
        _inbox = new(state);
        Number = node.Processes.Add(this);

        // Checked after the table knows of the process: a closing node sets this first and checks the table afterwards.
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

    /// <summary>Whether it has nothing to do and nobody runs it; may be out of date when read. Any thread.</summary>
    internal bool Rests => _inbox.Rests;

    internal bool IsDead => _inbox.IsDead;

    /// <summary>Whether it should end wherever it is. Set by any thread, and never reset.</summary>
    internal bool IsKilled => _isKilled;

    internal Bonds Bonds => _bonds ??= new();

    /// <summary>Ends the span of a handler that has awaited something, if there is one. Owner only.</summary>
    /// <param name="reason">Why the process ends, if it does.</param>
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

    /// <summary>What people see of it in addition to its module; may be out of date for threads other than the owner.</summary>
    internal string? Label => _bonds?.Label;

    /// <summary>The processes on whose behalf it works. Owner only.</summary>
    internal Callers? Callers => _bonds?.Callers;

    internal bool TrapsExits
    {
        get => _trapsExits;
        set => _trapsExits = value;
    }

    /// <summary>Ends the process, whether it traps exits or not: at the next safepoint, unless it ends before. Any thread.</summary>
    internal void Kill()
    {
        _isKilled = true;

        if (!Post(new ExitSignal(null, ExitReason.Kill, link: false)))
        {
            Runaways.Kill(this);
        }
    }

    /// <summary>Adds an envelope, and schedules the process if it is idle. Any thread.</summary>
    /// <returns>Whether it was idle, or had ended.</returns>
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

    /// <summary>Adds a plain message, and schedules the process if it is idle. Any thread.</summary>
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

    /// <summary>Adds a cast, and schedules the process if it is idle. Any thread.</summary>
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

    /// <summary>Takes an idle cell, to run it on this thread. Any thread.</summary>
    /// <param name="parked">Whether to take a parked cell too.</param>
    internal bool TryEnter(bool parked = false) => _inbox.TryEnter(parked);

    /// <summary>Gives an entered cell back: it becomes idle, or is scheduled if something arrived in the meantime. Owner only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave()
    {
        if (!TryLeave())
        {
            Scheduler.Ready(this);
        }
    }

    /// <summary>Gives back a cell that was run in place for another process. Owner only, on that process's thread, as part of its slice.</summary>
    /// <remarks>
    /// Calls that arrived meanwhile are handled first, at most a few: the process is in this processor's cache, and the caller will probably
    /// call it again. Handed to the scheduler, it would be busy, and then the calls of all its callers
    /// would be queued one after another. Everything else is left to the scheduler, so that the caller does not wait for other work.
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

    /// <summary>Runs an action as the owner of the cell: at once if it is idle, otherwise between two of its messages. Any thread.</summary>
    /// <param name="action">Runs on this thread or on a scheduler's.</param>
    /// <param name="missed">Called instead if the process has ended.</param>
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
        // As in Act, which runs it when the process is not idle.
        catch (Exception exception)
        {
            Fault(exception);
        }

        Leave();
    }

    /// <summary>Keeps the process from its next message until its own asynchronous work is done. Owner only, in its slice.</summary>
    /// <param name="work">Its exception ends the process.</param>
    /// <param name="done">Gets the result, in the slice.</param>
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

    /// <summary>Answers a call with the result of some work of this process, or with the work's exception. Owner only, in its slice.</summary>
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
            // The requester is told; the process continues.
            catch (Exception exception)
            {
                call.Fail(exception);
            }

            return true;
        }
    }

    // False if there is more to do.
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

    /// <summary>Runs one slice. Owner only: the scheduler calls it for a cell that it was given.</summary>
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

        // A process can end without waiting for its asynchronous code: whatever that posts later finds the process dead.
        if (Ending is null && !Busy)
        {
            try
            {
                Body!.Step(this);
            }
            // The last line of defence: any exception ends this process, not the thread.
            catch (Exception exception)
            {
                Fault(exception);
            }
        }

        // The budget shows what was handled, so nothing is counted on the way.
        Reductions += before - Budget;
    }

    /// <summary>Takes what has arrived: signals are carried out, messages are queued after those that wait. Owner only.</summary>
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

            // Most are plain messages. One comparison detects them, while the other check goes through base classes.
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

        // So that a process that only runs continuations yields as well.
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

    /// <summary>Ends the process because of an exception that nothing nearer to its cause caught. Owner only.</summary>
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

    /// <summary>The number of waiting messages; may be out of date when read. Any thread.</summary>
    internal int QueueLength() => Mailbox.Count(Volatile.Read(ref Mailbox.First)) + _inbox.Count;

    /// <summary>Asks to be woken when the node's clock reaches this. Owner only.</summary>
    /// <remarks>
    /// A timer that fires early is set again, and a later deadline sets nothing. So a process that calls in a loop
    /// touches the timers once in five seconds, not once per call.
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

    /// <summary>Ends the process: tells links and monitors, and fails the waiting calls. Owner only.</summary>
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

        // From here on every post is refused; earlier posts are refused now.
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

        // Before links and monitors, as in OTP: whoever restarts it finds its tables and ports free.
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

        // A pid may be kept forever, and with it the content of the reason, such as an exception of old code.
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
