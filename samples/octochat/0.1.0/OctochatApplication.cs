using Midflight;

namespace Octochat;

/// <summary>Starts octochat.</summary>
public sealed class OctochatApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<OctochatSupervisor>();
}
