using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>Starts processes in order, restarts those that fail, and stops all in reverse order. This is OTP's supervisor.</summary>
/// <example>
/// <code>
/// public sealed class Rooms : Supervisor
/// {
///     protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of&lt;Acceptor&gt;(7700)]);
/// }
/// </code>
/// </example>
/// <remarks>
/// When the code changes, Init of the new version runs again. Its strategy, intensity and children replace the old ones: children that it
/// adds are started, those that it drops are stopped, and those in both keep running.
/// </remarks>
public abstract class Supervisor : GenServer<SupervisorState>
{
    /// <summary>Starts a supervisor without a class of its own, linked to the calling process: Elixir's <c>Supervisor.start_link(children, options)</c>.</summary>
    /// <param name="spec">Its children and how it treats them.</param>
    /// <param name="name">The name to register it under. Default: no name.</param>
    /// <exception cref="StartFailedException">A child did not start, or the name is taken.</exception>
    /// <remarks>An upgrade does not change its children's specifications. For that a supervisor needs a class, whose new Init returns them.</remarks>
    public static ValueTask<Pid> StartLink(SupervisorSpec spec, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return StartLink<GivenSupervisor>(spec, name);
    }

    /// <summary>Adds a child at the end and starts it.</summary>
    /// <returns>Its pid; the pid of no process if its Init returns Ignore.</returns>
    /// <exception cref="ChildRefusedException">
    /// The supervisor already has a child with that id, the child is significant but cannot be, or it did not start. A child that did not start is not kept.
    /// </exception>
    /// <remarks>Waits as long as the child's Init takes.</remarks>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public static async ValueTask<Pid> StartChild(ServerRef supervisor, ChildSpec child)
    {
        ArgumentNullException.ThrowIfNull(child);
        return (Pid)(await Ask(supervisor, new SupervisorRequest.StartChild(child)))!;
    }

    /// <summary>Adds a child and starts it. If a child with its id is running, or a process already has its name, returns that process.</summary>
    /// <returns>The pid of the process that runs under its id or name now. A process that was found may still be in its Init.</returns>
    /// <exception cref="ChildRefusedException">As for <see cref="StartChild"/>; also if a child with its id exists but is not running.</exception>
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

    /// <summary>Stops a child, which is then not restarted automatically. A temporary child is forgotten.</summary>
    /// <exception cref="ChildRefusedException">There is no such child.</exception>
    public static async ValueTask TerminateChild(ServerRef supervisor, string id) =>
        await Ask(supervisor, new SupervisorRequest.TerminateChild(id));

    /// <summary>Starts a child that is not running.</summary>
    /// <exception cref="ChildRefusedException">There is no such child, it is running, or it did not start.</exception>
    public static async ValueTask<Pid> RestartChild(ServerRef supervisor, string id) =>
        (Pid)(await Ask(supervisor, new SupervisorRequest.RestartChild(id)))!;

    /// <summary>Forgets a child that is not running.</summary>
    /// <exception cref="ChildRefusedException">There is no such child, or it is running: stop it first.</exception>
    public static async ValueTask DeleteChild(ServerRef supervisor, string id) =>
        await Ask(supervisor, new SupervisorRequest.DeleteChild(id));

    /// <summary>The child's specification: its restart type, shutdown, argument. To start it elsewhere or differently, change the specification using <c>with</c>.</summary>
    /// <exception cref="ChildRefusedException">There is no such child.</exception>
    public static async ValueTask<ChildSpec> GetChildSpec(ServerRef supervisor, string id) =>
        (ChildSpec)(await Ask(supervisor, new SupervisorRequest.GetChildSpec(id)))!;

    /// <summary>The children, in start order.</summary>
    public static async ValueTask<IReadOnlyList<ChildStatus>> WhichChildren(ServerRef supervisor) =>
        (IReadOnlyList<ChildStatus>)(await Ask(supervisor, new SupervisorRequest.WhichChildren()))!;

    /// <summary>How many children there are.</summary>
    public static async ValueTask<ChildCount> CountChildren(ServerRef supervisor) =>
        (ChildCount)(await Ask(supervisor, new SupervisorRequest.CountChildren()))!;

    internal static async ValueTask<object?> Ask(ServerRef supervisor, object request)
    {
        var reply = await Call<object?>(supervisor, request, Timeout.InfiniteTimeSpan);
        return reply is ChildRefusedException refused
            ? throw new ChildRefusedException(refused.Refusal, refused.Message, refused.Reason)
            : reply;
    }

    // Server

    /// <summary>Returns the children. Runs at the start, and again at each change of code.</summary>
    /// <remarks>It must have no side effects: the check of an upgrade runs it to see which children would be added and dropped.</remarks>
    protected abstract new SupervisorSpec Init(object? argument);

    /// <inheritdoc/>
    protected sealed override async ValueTask<Started<SupervisorState>> InitAsync(object? argument)
    {
        Process.TrapExits = true;
        var spec = OnInitSpec(argument);

        if (ReferenceEquals(spec, SupervisorSpec.Ignore))
        {
            return Ignore();
        }

        var state = new SupervisorState(GetType().FullName!, argument, spec, Process.Here.Node.Time);

        if (await Children.Start(state, state.Children) is not { } failed)
        {
            return state;
        }

        await Children.Stop(state, state.Children);
        return Refuse(ExitReason.ShutdownWith(new ChildStartFailure(failed.Child.Spec.Id, failed.Reason)));
    }

    /// <summary>Runs Init and checks its result.</summary>
    /// <exception cref="InvalidOperationException">Two children have the same id.</exception>
    internal SupervisorSpec OnInitSpec(object? argument)
    {
        var spec = Init(argument) ?? throw new InvalidOperationException(
            $"Init of {GetType().FullName} returned null. Return a SupervisorSpec, or SupervisorSpec.Ignore.");
        spec.Check(GetType().FullName!);
        return spec;
    }

    /// <inheritdoc/>
    protected sealed override Answer<SupervisorState> HandleCall(object request, SupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);

        if (request is not SupervisorRequest asked)
        {
            SupervisorLog.Refuse(From, GetType().FullName!, request);
            return NoReply(state);
        }

        var answering = asked.CarryOut(state);

        if (answering.IsCompleted)
        {
            return Reply(answering.Result, state);
        }

        var from = From;
        Process.Here.Hold(answering, reply => Reply(from, reply));
        return NoReply(state);
    }

    /// <inheritdoc/>
    protected sealed override Answer<SupervisorState> HandleCast(object message, SupervisorState state)
    {
        SupervisorLog.UnexpectedCast(Process.Here.Node.Logger, Process.Self, GetType().FullName!, message);
        return NoReply(state);
    }

    /// <inheritdoc/>
    protected sealed override async ValueTask<Answer<SupervisorState>> HandleInfoAsync(object message, SupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);

        switch (message)
        {
            case Exited(var pid, var reason):
                return state.Find(pid) is { } ended ? await ChildEnded(ended, reason, state) : NoReply(state);
            case TryAgain(var child):
                return child.IsRestarting && state.Children.Contains(child) ? await StartAgain(child, state) : NoReply(state);
            default:
                return HandleInfo(message, state);
        }
    }

    private static async ValueTask<Answer<SupervisorState>> ChildEnded(SupervisorChild child, ExitReason reason, SupervisorState state)
    {
        var self = Process.Here;
        var pid = child.Cell!.Pid;
        state.Stopped(child);
        var again = child.Spec.Restart == Restart.Permanent || (child.Spec.Restart == Restart.Transient && reason.IsAbnormal);

        if (again || reason.IsAbnormal)
        {
            SupervisorLog.ChildEnded(self.Node.Logger, self.Pid, state.Module, child.Spec.Id, pid, reason.ToString(), child.Spec.Restart);
        }

        if (again)
        {
            return await StartAgain(child, state);
        }

        if (child.Spec.Restart == Restart.Temporary)
        {
            state.Children.Remove(child);
        }

        // The running children, of which this one is no longer one, and those being restarted.
        var others = state.Children.Where(other => other.Cell is not null || other.IsRestarting).Select(other => other.Spec);
        return SignificantChild.IsTheLast(child.Spec, state.Spec.AutoShutdown, others) ? Stop(ExitReason.Shutdown, state) : NoReply(state);
    }

    private static async ValueTask<Answer<SupervisorState>> StartAgain(SupervisorChild child, SupervisorState state)
    {
        var self = Process.Here;

        if (!state.History.Add(state.Spec.Intensity))
        {
            SupervisorLog.GaveUp(self.Node.Logger, self.Pid, state.Module, child.Spec.Id, state.Spec.Intensity);
            return Stop(ExitReason.Shutdown, state);
        }

        self.Node.Meter.Restarted(child.Spec.Start.Module);

        if (state.Spec.Strategy == Strategy.OneForOne)
        {
            if (await Children.Start(state, child) is not null)
            {
                Retry(child);
            }

            return NoReply(state);
        }

        var first = state.Spec.Strategy == Strategy.OneForAll ? 0 : state.Children.IndexOf(child);
        var affected = state.Children[first..];
        await Children.Stop(state, affected);

        // Temporary ones have been forgotten by now.
        if (await Children.Start(state, affected.Where(state.Children.Contains)) is { } failed)
        {
            Retry(failed.Child);
        }

        return NoReply(state);
    }

    // Retried by a message, so that the supervisor answers requests between attempts.
    private static void Retry(SupervisorChild child)
    {
        child.IsRestarting = true;
        Process.Send(Process.Self, new TryAgain(child));
    }

    private sealed record TryAgain(SupervisorChild Child);

    /// <inheritdoc/>
    protected sealed override ValueTask TerminateAsync(ExitReason reason, SupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Children.Stop(state, state.Children);
    }

    // SupervisorChange reconciles the children: that may take time, and must be undone if an upgrade fails.

    /// <inheritdoc/>
    protected sealed override SupervisorState CodeChange(OldVsn from, SupervisorState state, object? extra) => state;

    /// <inheritdoc/>
    protected sealed override object? FormatStatus(SupervisorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.ToString();
    }
}
