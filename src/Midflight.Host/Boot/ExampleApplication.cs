namespace Midflight.Host;

/// <summary>A small application like those of releases. It is run where nobody sees it, so that the code it needs has been run once.</summary>
internal sealed class ExampleApplication : Application
{
    internal static ApplicationDefinition Definition => new("example", "1", typeof(ExampleApplication));

    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<Top>();

    private sealed class Top : Supervisor
    {
        protected override SupervisorSpec Init(object? argument) =>
            new(Strategy.OneForOne, [Child.Of<Server>(), Child.Of<Servers>() with { Name = "servers" }]);
    }

    private sealed class Servers : DynamicSupervisor;

    private sealed class Server : GenServer<object>
    {
        protected override Started<object> Init(object? argument) => new object();
    }
}
