using Midflight;

namespace Visits;

/// <summary>Starts visits.</summary>
public sealed class VisitsApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<VisitsSupervisor>();
}

/// <summary>Keeps the counter alive.</summary>
public sealed class VisitsSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) =>
        new(Strategy.OneForOne, [Child.Of<Counter>() with { Name = "visits" }]);
}
