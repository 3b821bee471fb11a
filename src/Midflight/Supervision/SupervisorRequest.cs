namespace Midflight;

/// <summary>A request to a supervisor. The reply is the result, or a <see cref="ChildRefusedException"/> for the caller to throw.</summary>
internal abstract record SupervisorRequest
{
    private SupervisorRequest()
    {
    }

    /// <summary>Carries it out. In the supervisor's slice.</summary>
    internal abstract ValueTask<object?> CarryOut(SupervisorState state);

    private static ChildRefusedException NotFound(SupervisorState state, string id) => new(
        ChildRefusal.NotFound,
        $"{state.Module} has no child '{id}'; it has {(state.Children.Count == 0 ? "none" : string.Join(", ", state.Children.Select(child => $"'{child.Spec.Id}'")))}.");

    private static ChildRefusedException NotStarted(SupervisorState state, SupervisorChild child, ExitReason reason) => new(
        ChildRefusal.StartFailed, $"{state.Module} did not start its child '{child.Spec.Id}': {reason}", reason);

    internal sealed record StartChild(ChildSpec Child) : SupervisorRequest
    {
        internal override async ValueTask<object?> CarryOut(SupervisorState state)
        {
            switch (state.Find(Child.Id))
            {
                case { Cell: { } cell }:
                    return new ChildRefusedException(
                        ChildRefusal.AlreadyStarted,
                        $"{state.Module} already has a child '{Child.Id}', running as {cell.Pid}. Use that one, or choose another id.",
                        ExitReason.TakenBy(cell.Pid, $"the id '{Child.Id}'"));
                case { IsRestarting: var restarts }:
                    return new ChildRefusedException(
                        ChildRefusal.AlreadyPresent,
                        $"{state.Module} already has a child '{Child.Id}', which {(restarts ? "is being started again" : "does not run")}. Restart it, delete it first, or choose another id.");
            }

            if (SignificantChild.Refuse(state.Module, state.Spec.AutoShutdown, Child) is { } sentence)
            {
                return new ChildRefusedException(ChildRefusal.BadCombination, sentence);
            }

            var child = new SupervisorChild(Child);
            state.Children.Add(child);

            if (await Children.Start(state, child) is { } reason)
            {
                state.Children.Remove(child);
                return NotStarted(state, child, reason);
            }

            return child.Status.Pid;
        }
    }

    internal sealed record TerminateChild(string Id) : SupervisorRequest
    {
        internal override async ValueTask<object?> CarryOut(SupervisorState state)
        {
            if (state.Find(Id) is not { } child)
            {
                return NotFound(state, Id);
            }

            await Children.Stop(state, [child]);
            return null;
        }
    }

    internal sealed record RestartChild(string Id) : SupervisorRequest
    {
        internal override async ValueTask<object?> CarryOut(SupervisorState state)
        {
            if (state.Find(Id) is not { } child)
            {
                return NotFound(state, Id);
            }

            if (Busy(state, child) is { } refusal)
            {
                return refusal;
            }

            return await Children.Start(state, child) is { } reason ? NotStarted(state, child, reason) : child.Status.Pid;
        }
    }

    internal sealed record DeleteChild(string Id) : SupervisorRequest
    {
        internal override ValueTask<object?> CarryOut(SupervisorState state)
        {
            if (state.Find(Id) is not { } child)
            {
                return new(NotFound(state, Id));
            }

            if (Busy(state, child) is { } refusal)
            {
                return new(refusal);
            }

            state.Children.Remove(child);
            return default;
        }
    }

    private static ChildRefusedException? Busy(SupervisorState state, SupervisorChild child) => child switch
    {
        { IsRestarting: true } => new(ChildRefusal.Restarting, $"Child '{child.Spec.Id}' of {state.Module} is being restarted. Terminate it first."),
        { Cell: { } cell } => new(ChildRefusal.Running, $"Child '{child.Spec.Id}' of {state.Module} is running as {cell.Pid}. Terminate it first."),
        _ => null,
    };

    internal sealed record GetChildSpec(string Id) : SupervisorRequest
    {
        internal override ValueTask<object?> CarryOut(SupervisorState state) => new(state.Find(Id)?.Spec as object ?? NotFound(state, Id));
    }

    internal sealed record WhichChildren : SupervisorRequest
    {
        internal override ValueTask<object?> CarryOut(SupervisorState state) => new(state.Children.ConvertAll(child => child.Status));
    }

    internal sealed record CountChildren : SupervisorRequest
    {
        internal override ValueTask<object?> CarryOut(SupervisorState state)
        {
            var supervisors = state.Children.Count(child => child.Spec.IsSupervisor);
            return new(new ChildCount(
                state.Children.Count, state.Children.Count(child => child.Cell is not null), supervisors, state.Children.Count - supervisors));
        }
    }
}
