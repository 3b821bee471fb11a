namespace Midflight;

/// <summary>A supervisor that has no class of its own: what it is started with says what its children are.</summary>
internal sealed class GivenSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => (SupervisorSpec)argument!;
}

/// <summary>A dynamic supervisor that has no class of its own.</summary>
internal sealed class GivenDynamicSupervisor : DynamicSupervisor
{
    protected override DynamicSupervisorSpec Init(object? argument) => (DynamicSupervisorSpec)argument!;
}
