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

    /// <inheritdoc/>
    public override string ToString() => Id == Module ? Module : $"{Id} ({Module})";
}
