namespace Midflight;

/// <summary>The children of one supervisor. It passes from one code version to the next as it is.</summary>
/// <remarks>Owner of the supervisor only. Nothing in it is a type of hot code, except arguments of children; <see cref="Refresh"/> is for those.</remarks>
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

    /// <summary>What Init was given, to run it again when the code changes.</summary>
    internal object? Argument { get; private set; }

    /// <summary>What Init returned last.</summary>
    internal SupervisorSpec Spec { get; set; }

    internal RestartHistory History { get; }

    /// <summary>In the order in which they start: those of Init, then those added later.</summary>
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

    /// <summary>Brings arguments of older code versions into the current ones, so that nothing here keeps old code in memory.</summary>
    /// <param name="own">The version that the supervisor itself runs; null if it is not hot.</param>
    /// <exception cref="ConversionException">One cannot be converted; those before it are.</exception>
    /// <remarks>Before a purge, when no way back needs the old ones.</remarks>
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

    /// <summary>Null while it does not run.</summary>
    internal Cell? Cell { get; set; }

    /// <summary>Whether its last start failed and is tried again.</summary>
    internal bool IsRestarting { get; set; }

    internal ChildStatus Status => new(Spec.Id, Cell is null ? default : Cell.Pid, Spec.Module, Spec.IsSupervisor, IsRestarting);
}
