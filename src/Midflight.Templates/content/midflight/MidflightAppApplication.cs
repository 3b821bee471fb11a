namespace MidflightApp;

/// <summary>Starts the processes.</summary>
public sealed class MidflightAppApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<MidflightAppSupervisor>();
}

/// <summary>Keeps them running.</summary>
public sealed class MidflightAppSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne,
    [
        Child.Of<Counter>() with { Name = "counter" },
        Child.Of<Sessions>() with { Name = "sessions" },
        Child.Of<Listener>(),
    ]);
}
