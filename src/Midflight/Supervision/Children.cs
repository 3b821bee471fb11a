namespace Midflight;

/// <summary>Starts and stops the children of one supervisor. All of it runs in the supervisor's slice.</summary>
internal static class Children
{
    /// <summary>Starts one child.</summary>
    /// <returns>Null if it is running or ignored; otherwise why it did not start.</returns>
    internal static async ValueTask<ExitReason?> Start(SupervisorState state, SupervisorChild child)
    {
        var supervisor = Process.Here;

        try
        {
            var pid = await child.Spec.Begin(supervisor);
            state.Runs(child, pid.Cell);

            if (pid.Cell is null && child.Spec.Restart == Restart.Temporary)
            {
                state.Children.Remove(child);
            }

            return null;
        }
        // Any failure of a start is reported, and must not crash the supervisor.
        catch (Exception exception)
        {
            var reason = ReasonOf(exception);
            SupervisorLog.ChildStartFailed(supervisor.Node.Logger, supervisor.Pid, state.Module, child.Spec.Id, reason.ToString());
            return reason;
        }
    }

    /// <summary>Starts children in order, up to the first that fails.</summary>
    internal static async ValueTask<(SupervisorChild Child, ExitReason Reason)?> Start(SupervisorState state, IEnumerable<SupervisorChild> children)
    {
        foreach (var child in children.ToArray())
        {
            if (await Start(state, child) is { } reason)
            {
                return (child, reason);
            }
        }

        return null;
    }

    /// <summary>Stops one child, if it is running.</summary>
    internal static async ValueTask Stop(SupervisorState state, SupervisorChild child)
    {
        if (child.Cell is { } cell)
        {
            await ChildStop.Stop(Process.Here, state.Module, child.Spec, cell);
        }

        state.Stopped(child);
    }

    /// <summary>Stops children, the last first. Temporary ones are forgotten.</summary>
    internal static async ValueTask Stop(SupervisorState state, IReadOnlyList<SupervisorChild> children)
    {
        foreach (var child in children.Reverse().ToArray())
        {
            await Stop(state, child);

            if (child.Spec.Restart == Restart.Temporary)
            {
                state.Children.Remove(child);
            }
        }
    }

    internal static ExitReason ReasonOf(Exception exception) => exception switch
    {
        StartFailedException { Reason: { } reason } => reason,
        StartFailedException { Message: var message } => ExitReason.Other(message),
        _ => ExitException.ReasonOf(exception),
    };
}

/// <summary>A supervisor did not start because one of its children did not.</summary>
/// <param name="Child">The child's id.</param>
/// <param name="Reason">Why it did not start.</param>
internal sealed record ChildStartFailure(string Child, ExitReason Reason)
{
    public override string ToString() => $"its child '{Child}' did not start ({Reason})";
}
