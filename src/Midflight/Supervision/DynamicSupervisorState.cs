namespace Midflight;

/// <summary>The children of one dynamic supervisor. It passes unchanged from one code version to the next.</summary>
/// <remarks>Owner of the supervisor only. It contains no type of hot code, except in the arguments of children; <see cref="Refresh"/> handles those.</remarks>
public sealed class DynamicSupervisorState
{
    internal DynamicSupervisorState(string module, object? argument, DynamicSupervisorSpec spec, TimeProvider time) =>
        (Module, Argument, Spec, History) = (module, argument, spec, new RestartHistory(time));

    /// <summary>The supervisor's own full name.</summary>
    internal string Module { get; }

    /// <summary>The argument of Init, to run it again when the code changes.</summary>
    internal object? Argument { get; private set; }

    /// <summary>The last result of Init.</summary>
    internal DynamicSupervisorSpec Spec { get; set; }

    internal RestartHistory History { get; }

    internal Dictionary<Cell, ChildSpec> Running { get; } = [];

    /// <summary>The children whose last start failed and is being retried, by their previous process.</summary>
    internal Dictionary<Cell, ChildSpec> Restarting { get; } = [];

    internal int Count => Running.Count + Restarting.Count;

    /// <summary>The current status of all children.</summary>
    internal IReadOnlyList<ChildStatus> Statuses() =>
    [
        .. Running.Select(child => Status(child.Value, child.Key.Pid, isRestarting: false)),
        .. Restarting.Values.Select(child => Status(child, default, isRestarting: true)),
    ];

    private static ChildStatus Status(ChildSpec child, Pid pid, bool isRestarting) => new(child.Id, pid, child.Module, child.IsSupervisor, isRestarting);

    /// <inheritdoc cref="SupervisorState.Refresh"/>
    internal void Refresh(CodeVersion? own)
    {
        Argument = Door.Into(own, Argument);

        foreach (var child in Running.Values.Concat(Restarting.Values))
        {
            child.Start.Refresh();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Running.Count} children running, {History.Count} restarts lately";
}
