namespace MidflightWeb;

/// <summary>Starts the processes.</summary>
public sealed class VisitsApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<VisitsSupervisor>();
}

/// <summary>Keeps them running.</summary>
public sealed class VisitsSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne, [Child.Of<Counter>() with { Name = "counter" }]);
}
