namespace Midflight;

/// <summary>What a supervisor knows of a child: how it starts, when it starts again, how it is stopped. Made by <see cref="Child"/>.</summary>
/// <remarks>
/// It holds the module by its name, so a child always starts in the current version of its code, and a supervisor keeps
/// no old code in memory.
/// </remarks>
public sealed record ChildSpec
{
    internal ChildSpec(string id, ChildStart start, bool isSupervisor) =>
        (Id, Start, IsSupervisor, Shutdown) = (id, start, isSupervisor, isSupervisor ? Shutdown.Infinity : Shutdown.Default);

    /// <summary>Names it within its supervisor. Default: the name of its type. A dynamic supervisor does not look at it.</summary>
    public string Id { get; init; }

    /// <summary>Registers the process under this name. Default: none.</summary>
    public string? Name { get; init; }

    /// <summary>Registers the process under a key of a registry. Default: none.</summary>
    public Via? Via { get; init; }

    /// <summary>How long its Init may take; then it is killed, and its start has failed. Default: <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    /// <remarks>Of a behaviour: a plain process has no Init. See <see cref="StartOptions.Timeout"/>.</remarks>
    public TimeSpan StartTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>When it is started again. Default: <see cref="Restart.Permanent"/>.</summary>
    public Restart Restart { get; init; } = Restart.Permanent;

    /// <summary>How it is stopped. Default: <see cref="Shutdown.Default"/>, 5 s; <see cref="Shutdown.Infinity"/> for a supervisor.</summary>
    public Shutdown Shutdown { get; init; }

    /// <summary>Whether its end may end its supervisor, as that one's <see cref="AutoShutdown"/> says. Default: no. A permanent child cannot be.</summary>
    public bool Significant { get; init; }

    /// <summary>Whether it is itself a supervisor.</summary>
    public bool IsSupervisor { get; }

    /// <summary>The full name of the type that it runs.</summary>
    public string Module => Start.Module;

    internal ChildStart Start { get; }

    /// <summary>Starts it, linked to the calling process. Owner of the supervisor only.</summary>
    /// <returns>Its pid; that of no process where Init ignores.</returns>
    internal ValueTask<Pid> Begin(Cell supervisor) => Start.Start(
        supervisor, Name, Via, StartTimeout == Timeout.InfiniteTimeSpan ? null : new() { Name = Name, Via = Via, Timeout = StartTimeout });

    /// <inheritdoc/>
    public override string ToString() => Id == Module ? Module : $"{Id} ({Module})";
}
