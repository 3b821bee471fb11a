using Midflight;

namespace Octochat;

/// <summary>Keeps the rooms, the connections and the acceptor running.</summary>
public sealed class OctochatSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => new(
        Strategy.OneForOne,
        [Child.Of<Rooms>() with { Name = "rooms" }, Child.Of<ServerSupervisor>() with { Name = "servers" }, Child.Of<Acceptor>()]);
}
