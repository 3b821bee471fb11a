namespace Midflight;

/// <summary>The children of one supervisor. It passes unchanged from one code version to the next.</summary>
/// <remarks>Owner of the supervisor only. It contains no type of hot code, except in the arguments of children; <see cref="Refresh"/> handles those.</remarks>
public sealed class SupervisorState
{
    private readonly Dictionary<Cell, SupervisorChild> _running = [];

    internal SupervisorState(string module, object? argument, SupervisorSpec spec, TimeProvider time)
    {
        (Module, Argument, Spec, History) = (module, argument, spec, new RestartHistory(time));
        Children = [.. spec.Children.Select(child => new SupervisorChild(child))];
    }

    /// <summary>The supervisor's own full name.</summary>
    internal string Module { get; }

    /// <summary>The argument of Init, to run it again when the code changes.</summary>
    internal object? Argument { get; private set; }

    /// <summary>The last result of Init.</summary>
    internal SupervisorSpec Spec { get; set; }

    internal RestartHistory History { get; }

    /// <summary>In start order: those from Init, then those added later.</summary>
    internal List<SupervisorChild> Children { get; set; }

    internal SupervisorChild? Find(string id) => Children.Find(child => child.Spec.Id == id);

    internal SupervisorChild? Find(Pid pid) => pid.Cell is { } cell ? _running.GetValueOrDefault(cell) : null;

    internal void Runs(SupervisorChild child, Cell? cell)
    {
        (child.Cell, child.IsRestarting) = (cell, false);

        if (cell is not null)
        {
            _running.Add(cell, child);
        }
    }

    internal void Stopped(SupervisorChild child)
    {
        if (child.Cell is { } cell)
        {
            _running.Remove(cell);
        }

        (child.Cell, child.IsRestarting) = (null, false);
    }

    /// <summary>Converts arguments of older code versions to the current ones, so that nothing here keeps old code in memory.</summary>
    /// <param name="own">The version that the supervisor itself runs; null if it is not hot.</param>
    /// <exception cref="ConversionException">An argument cannot be converted; those before it have been.</exception>
    /// <remarks>Called before a purge, when no rollback needs the old arguments.</remarks>
    internal void Refresh(CodeVersion? own)
    {
        Argument = Door.Into(own, Argument);

        foreach (var child in Children)
        {
            child.Spec.Start.Refresh();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Spec.Strategy}, {_running.Count} of {Children.Count} children running, {History.Count} restarts lately";
}

/// <summary>One child of a supervisor. Owner of the supervisor only.</summary>
internal sealed class SupervisorChild(ChildSpec spec)
{
    internal ChildSpec Spec { get; set; } = spec;

    /// <summary>Null while it is not running.</summary>
    internal Cell? Cell { get; set; }

    /// <summary>Whether its last start failed and is being retried.</summary>
    internal bool IsRestarting { get; set; }

    internal ChildStatus Status => new(Spec.Id, Cell is null ? default : Cell.Pid, Spec.Module, Spec.IsSupervisor, IsRestarting);
}
