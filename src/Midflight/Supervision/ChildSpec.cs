namespace Midflight;

/// <summary>A child's specification: how it starts, when it is restarted, how it is stopped. Created by <see cref="Child"/>.</summary>
/// <remarks>
/// It refers to the module by name, so a child always starts in the current version of its code, and a supervisor keeps
/// no old code in memory.
/// </remarks>
public sealed record ChildSpec
{
    internal ChildSpec(string id, ChildStart start, bool isSupervisor) =>
        (Id, Start, IsSupervisor, Shutdown) = (id, start, isSupervisor, isSupervisor ? Shutdown.Infinity : Shutdown.Default);

    /// <summary>Its name within its supervisor. Default: the name of its type. A dynamic supervisor ignores it.</summary>
    public string Id { get; init; }

    /// <summary>The name to register the process under. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>The key of a registry to register the process under. Default: none.</summary>
    public Via? Via { get; init; }

    /// <summary>How long its Init may take before it is killed and its start fails. Default: <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <remarks>Only for behaviours: a plain process has no Init. See <see cref="StartOptions.Timeout"/>.</remarks>
    public TimeSpan StartTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>When it is restarted. Default: <see cref="Restart.Permanent"/>.</summary>
    public Restart Restart { get; init; } = Restart.Permanent;

    /// <summary>How it is stopped. Default: <see cref="Shutdown.Default"/>, 5 s; <see cref="Shutdown.Infinity"/> for a supervisor.</summary>
    public Shutdown Shutdown { get; init; }

    /// <summary>Whether its end may end its supervisor, according to the supervisor's <see cref="AutoShutdown"/>. Default: no. A permanent child cannot be significant.</summary>
    public bool Significant { get; init; }

    /// <summary>Whether it is itself a supervisor.</summary>
    public bool IsSupervisor { get; }

    /// <summary>The full name of its type.</summary>
    public string Module => Start.Module;

    internal ChildStart Start { get; }

    /// <summary>Starts it, linked to the calling process. Owner of the supervisor only.</summary>
    /// <returns>Its pid; the pid of no process if Init returns Ignore.</returns>
    internal ValueTask<Pid> Begin(Cell supervisor) => Start.Start(
        supervisor, Name, Via, StartTimeout == Timeout.InfiniteTimeSpan ? null : new() { Name = Name, Via = Via, Timeout = StartTimeout });

    /// <inheritdoc/>
    public override string ToString() => Id == Module ? Module : $"{Id} ({Module})";
}
