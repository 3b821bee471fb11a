using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Starts children on demand, any number, independent of each other. Elixir's DynamicSupervisor, OTP's simple_one_for_one.</summary>
/// <remarks>
/// Starting and ending a child takes the same time however many there are. When the supervisor ends, it asks all children to
/// end at once. Each has its own time, and is then killed.
/// </remarks>
public abstract class DynamicSupervisor : GenServer<DynamicSupervisorState>
{
    /// <summary>Starts a dynamic supervisor without a class of its own, linked to the calling process.</summary>
    /// <param name="spec">Its limits on children and restarts. Use <c>new()</c> for the defaults.</param>
    /// <param name="name">The name to register it under. Default: no name.</param>
    /// <exception cref="StartFailedException">The name is taken.</exception>
    public static ValueTask<Pid> StartLink(DynamicSupervisorSpec spec, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return StartLink<GivenDynamicSupervisor>(spec, name);
    }

    /// <summary>Starts a child.</summary>
    /// <returns>Its pid; the pid of no process if its Init returns Ignore.</returns>
    /// <exception cref="ChildRefusedException">
    /// The supervisor has reached its maximum number of children, the child is significant but cannot be, or it did not start.
    /// </exception>
    /// <remarks>Waits as long as the child's Init takes. The supervisor starts no other child meanwhile.</remarks>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static async ValueTask<Pid> StartChild(ServerRef supervisor, ChildSpec child)
    {
        ArgumentNullException.ThrowIfNull(child);
        return await Supervisor.Ask(supervisor, child) is Cell cell ? cell.Pid : default;
    }

    /// <summary>Adds a child and starts it. If a process already has its name or key, returns that process.</summary>
    /// <returns>The pid of the process that runs under its name or key now. A process that was found may still be in its Init.</returns>
    /// <exception cref="ChildRefusedException">As for <see cref="StartChild"/>.</exception>
    public static async ValueTask<Pid> StartChildOrFind(ServerRef supervisor, ChildSpec child)
    {
        try
        {
            return await StartChild(supervisor, child);
        }
        catch (ChildRefusedException refused) when (refused.AlreadyStarted is { } pid)
        {
            return pid;
        }
    }

    /// <summary>Stops a child permanently.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="child">Its process; for a child that is being restarted, its last process.</param>
    /// <exception cref="ChildRefusedException">There is no such child.</exception>
    public static async ValueTask TerminateChild(ServerRef supervisor, Pid child) => await Supervisor.Ask(supervisor, new Terminating(child));

    /// <summary>The children, including those that are being restarted, in no particular order.</summary>
    public static async ValueTask<IReadOnlyList<ChildStatus>> WhichChildren(ServerRef supervisor) =>
        (IReadOnlyList<ChildStatus>)(await Supervisor.Ask(supervisor, Query.Which))!;

    /// <summary>How many children there are.</summary>
    public static async ValueTask<ChildCount> CountChildren(ServerRef supervisor) =>
        (ChildCount)(await Supervisor.Ask(supervisor, Query.Count))!;

    // Messages: a ChildSpec asks to be started.

    private sealed record Terminating(Pid Child);

    private sealed record TryAgain(Cell Was);

    private enum Query
    {
        Which,
        Count,
    }

    // Server

    /// <summary>Returns the limits on children and restarts. Runs at the start, and again at each change of code.</summary>
    protected new virtual DynamicSupervisorSpec Init(object? argument) => new();

    /// <inheritdoc/>
    protected sealed override ValueTask<Started<DynamicSupervisorState>> InitAsync(object? argument)
    {
        Process.TrapExits = true;
        var spec = OnInitSpec(argument);
        return new(ReferenceEquals(spec, DynamicSupervisorSpec.Ignore)
            ? Ignore()
            : new DynamicSupervisorState(GetType().FullName!, argument, spec, Process.Here.Node.Time));
    }

    /// <summary>Runs Init and checks its result.</summary>
    internal DynamicSupervisorSpec OnInitSpec(object? argument) => Init(argument) ?? throw new InvalidOperationException(
        $"Init of {GetType().FullName} returned null. Return a DynamicSupervisorSpec, or DynamicSupervisorSpec.Ignore.");

    /// <inheritdoc/>
    protected sealed override Answer<DynamicSupervisorState> HandleCall(object request, DynamicSupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);

        switch (request)
        {
            case ChildSpec when state.Count >= state.Spec.MaxChildren:
                return Reply<object>(
                    new ChildRefusedException(
                        ChildRefusal.MaxChildren,
                        $"{state.Module} has {state.Count} children, and its MaxChildren is {state.Spec.MaxChildren}. Wait until one ends, or raise MaxChildren."),
                    state);
            case ChildSpec child when SignificantChild.Refuse(state.Module, state.Spec.AutoShutdown, child) is { } sentence:
                return Reply<object>(new ChildRefusedException(ChildRefusal.BadCombination, sentence), state);
            case ChildSpec child:
                return Finish(Start(child, state), state);
            case Terminating(var pid):
                return Finish(Terminate(pid, state), state);
            case Query.Which:
                return Reply<object?>(state.Statuses(), state);
            case Query.Count:
                var supervisors = state.Running.Values.Concat(state.Restarting.Values).Count(child => child.IsSupervisor);
                return Reply<object?>(new ChildCount(state.Count, state.Running.Count, supervisors, state.Count - supervisors), state);
            default:
                SupervisorLog.Refuse(From, GetType().FullName!, request);
                return NoReply(state);
        }
    }

    /// <inheritdoc/>
    protected sealed override Answer<DynamicSupervisorState> HandleCast(object message, DynamicSupervisorState state)
    {
        SupervisorLog.UnexpectedCast(Process.Here.Node.Logger, Process.Self, GetType().FullName!, message);
        return NoReply(state);
    }

    private static Answer<DynamicSupervisorState> Finish(ValueTask<object?> answering, DynamicSupervisorState state)
    {
        if (answering.IsCompleted)
        {
            return Reply(answering.Result, state);
        }

        var from = From;
        Process.Here.Hold(answering, reply => Reply(from, reply));
        return NoReply(state);
    }

    /// <summary>Starts a child. In the supervisor's slice.</summary>
    /// <returns>Its cell; null if its Init returns Ignore; a <see cref="ChildRefusedException"/> if it did not start.</returns>
    internal static async ValueTask<object?> Start(ChildSpec child, DynamicSupervisorState state)
    {
        var self = Process.Here;

        try
        {
            var cell = (await child.Begin(self)).Cell;

            if (cell is not null)
            {
                state.Running.Add(cell, child);
            }

            return cell;
        }
        // Any failure of a start is reported, and must not crash the supervisor.
        catch (Exception exception)
        {
            var reason = Children.ReasonOf(exception);
            SupervisorLog.ChildStartFailed(self.Node.Logger, self.Pid, state.Module, child.Id, reason.ToString());
            return new ChildRefusedException(ChildRefusal.StartFailed, $"{state.Module} did not start a child '{child.Id}': {reason}", reason);
        }
    }

    /// <summary>Stops children all at once. In the supervisor's slice.</summary>
    internal static ValueTask StopAll(DynamicSupervisorState state, IReadOnlyCollection<KeyValuePair<Cell, ChildSpec>> children)
    {
        foreach (var (child, _) in children)
        {
            state.Running.Remove(child);
        }

        return ChildStop.StopAll(Process.Here, state.Module, children);
    }

    private static async ValueTask<object?> Terminate(Pid pid, DynamicSupervisorState state)
    {
        if (pid.Cell is { } was && state.Restarting.Remove(was))
        {
            return null;
        }

        if (pid.Cell is not { } cell || !state.Running.Remove(cell, out var child))
        {
            return new ChildRefusedException(ChildRefusal.NotFound, $"{state.Module} has no child {pid}; it may have ended.");
        }

        await ChildStop.Stop(Process.Here, state.Module, child, cell);
        return null;
    }

    /// <inheritdoc/>
    protected sealed override ValueTask<Answer<DynamicSupervisorState>> HandleInfoAsync(object message, DynamicSupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);

        switch (message)
        {
            case Exited({ Cell: { } cell }, var reason):
                return state.Running.Remove(cell, out var child) ? ChildEnded(child, cell, reason, state) : new(NoReply(state));
            case TryAgain(var was):
                return state.Restarting.Remove(was, out var failed) ? StartAgain(failed, was, state) : new(NoReply(state));
            default:
                return new(HandleInfo(message, state));
        }
    }

    private static ValueTask<Answer<DynamicSupervisorState>> ChildEnded(ChildSpec child, Cell cell, ExitReason reason, DynamicSupervisorState state)
    {
        var self = Process.Here;
        var again = child.Restart == Restart.Permanent || (child.Restart == Restart.Transient && reason.IsAbnormal);

        if (again || reason.IsAbnormal)
        {
            SupervisorLog.ChildEnded(self.Node.Logger, self.Pid, state.Module, child.Id, cell.Pid, reason.ToString(), child.Restart);
        }

        if (again)
        {
            return StartAgain(child, cell, state);
        }

        var others = state.Running.Values.Concat(state.Restarting.Values);
        return new(SignificantChild.IsTheLast(child, state.Spec.AutoShutdown, others) ? Stop(ExitReason.Shutdown, state) : NoReply(state));
    }

    private static async ValueTask<Answer<DynamicSupervisorState>> StartAgain(ChildSpec child, Cell was, DynamicSupervisorState state)
    {
        var self = Process.Here;

        if (!state.History.Add(state.Spec.Intensity))
        {
            SupervisorLog.GaveUp(self.Node.Logger, self.Pid, state.Module, child.Id, state.Spec.Intensity);
            return Stop(ExitReason.Shutdown, state);
        }

        self.Node.Meter.Restarted(child.Start.Module);

        if (await Start(child, state) is ChildRefusedException)
        {
            // Retried by a message, so that the supervisor answers requests between attempts.
            state.Restarting.Add(was, child);
            Process.Send(Process.Self, new TryAgain(was));
        }

        return NoReply(state);
    }

    /// <inheritdoc/>
    protected sealed override ValueTask TerminateAsync(ExitReason reason, DynamicSupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return ChildStop.StopAll(Process.Here, state.Module, state.Running);
    }

    // SupervisorChange applies the result of the other version's Init, as for a supervisor.

    /// <inheritdoc/>
    protected sealed override DynamicSupervisorState CodeChange(OldVsn from, DynamicSupervisorState state, object? extra) => state;

    /// <inheritdoc/>
    protected sealed override object? FormatStatus(DynamicSupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.ToString();
    }
}
