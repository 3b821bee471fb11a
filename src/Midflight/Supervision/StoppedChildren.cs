namespace Midflight;

/// <summary>Children of one supervisor that an upgrade stops and starts again, with its instructions <c>stop</c> and <c>start</c>.</summary>
/// <remarks>
/// <para>
/// As with <c>supervisor:terminate_child</c> and <c>restart_child</c>, a child keeps its place and is started with the argument
/// in its specification, in the code that is current then. Unlike there, children of a dynamic supervisor and temporary children
/// are started again as well, because they were running.
/// </para>
/// <para>To undo it, at any point: call <see cref="TakeBack"/>, flip the code back, call <see cref="Start"/>.</para>
/// </remarks>
internal sealed class StoppedChildren(Pid supervisor)
{
    // All owned by the supervisor. In start order; a dynamic supervisor's children have no ids.
    private readonly List<string> _ids = [];
    private readonly List<ChildSpec> _specs = [];
    private readonly List<Cell> _startedAgain = [];
    private int _specsStarted;

    /// <summary>Stops the children that run one of these modules, the last first, each with its own shutdown time.</summary>
    /// <returns>Whether there were any.</returns>
    internal async ValueTask<bool> Stop(IReadOnlySet<string> modules) => (bool)(await SupervisorStep.Ask(supervisor, async cell =>
    {
        switch (cell.Body?.State)
        {
            case SupervisorState state:
                var children = state.Children.FindAll(child => child.Cell is not null && modules.Contains(child.Spec.Module));
                _ids.AddRange(children.Select(child => child.Spec.Id));

                foreach (var child in Enumerable.Reverse(children))
                {
                    await Children.Stop(state, child);
                }

                break;
            case DynamicSupervisorState state:
                var running = state.Running.Where(child => modules.Contains(child.Value.Module)).ToArray();
                _specs.AddRange(running.Select(child => child.Value));
                await DynamicSupervisor.StopAll(state, running);
                break;
        }

        return _ids.Count + _specs.Count > 0;
    }))!;

    /// <summary>Starts the stopped children that are not running, in order. A child that its supervisor no longer has stays ended.</summary>
    /// <exception cref="ChildRefusedException">A child did not start; those after it were not tried.</exception>
    internal async ValueTask Start() => await SupervisorStep.Ask(supervisor, async cell =>
    {
        switch (cell.Body?.State)
        {
            case SupervisorState state:
                foreach (var child in _ids.Select(state.Find).OfType<SupervisorChild>().Where(child => child.Cell is null).ToArray())
                {
                    if (await Children.Start(state, child) is { } reason)
                    {
                        throw Refused(state.Module, child.Spec, reason);
                    }

                    Add(child.Cell);
                }

                break;
            case DynamicSupervisorState state:
                for (; _specsStarted < _specs.Count; _specsStarted++)
                {
                    var started = await DynamicSupervisor.Start(_specs[_specsStarted], state);

                    if (started is ChildRefusedException { Reason: { } reason })
                    {
                        throw Refused(state.Module, _specs[_specsStarted], reason);
                    }

                    Add(started as Cell);
                }

                break;
        }

        return null;
    });

    /// <summary>Stops the children again that <see cref="Start"/> has started.</summary>
    internal async ValueTask TakeBack() => await SupervisorStep.Ask(supervisor, async cell =>
    {
        switch (cell.Body?.State)
        {
            case SupervisorState state:
                foreach (var child in Enumerable.Reverse(_startedAgain).Select(started => state.Find(started.Pid)).OfType<SupervisorChild>())
                {
                    await Children.Stop(state, child);
                }

                break;
            case DynamicSupervisorState state:
                await DynamicSupervisor.StopAll(state, [.. state.Running.Where(child => _startedAgain.Contains(child.Key))]);
                break;
        }

        _startedAgain.Clear();
        _specsStarted = 0;
        return null;
    });

    private void Add(Cell? started)
    {
        if (started is not null)
        {
            _startedAgain.Add(started);
        }
    }

    private static ChildRefusedException Refused(string module, ChildSpec child, ExitReason reason) => new(
        ChildRefusal.StartFailed, $"{module} did not start its child '{child.Id}' again: {reason}", reason);
}
