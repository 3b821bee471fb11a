namespace Midflight;

/// <summary>A supervisor without a class of its own: its start argument describes its children.</summary>
internal sealed class GivenSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => (SupervisorSpec)argument!;
}

/// <summary>A dynamic supervisor without a class of its own.</summary>
internal sealed class GivenDynamicSupervisor : DynamicSupervisor
{
    protected override DynamicSupervisorSpec Init(object? argument) => (DynamicSupervisorSpec)argument!;
}
