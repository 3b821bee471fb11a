using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore;

/// <summary>The services of one request to hot code: the program's in the scope of the request, and those of the code version in a scope of their own.</summary>
internal sealed class ServiceLease(ModuleServices services, IServiceProvider host) : IKeyedServiceProvider, IServiceProviderIsKeyedService, IServiceScopeFactory, IAsyncDisposable
{
    // Created when something is requested from it: most requests need nothing.
    private AsyncServiceScope? _own;

    private IServiceProvider Own => (_own ??= services.NewScope(this)).ServiceProvider;

    /// <inheritdoc/>
    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProvider) || serviceType == typeof(IServiceProviderIsService)
            || serviceType == typeof(IServiceProviderIsKeyedService) || serviceType == typeof(IServiceScopeFactory) ? this
        : services.IsOwn(serviceType) ? Own.GetService(serviceType)
        : host.GetService(serviceType);

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => (services.IsOwn(serviceType) ? Own : host).GetKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => (services.IsOwn(serviceType) ? Own : host).GetRequiredKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public bool IsService(Type serviceType) => services.IsService(serviceType);

    /// <inheritdoc/>
    public bool IsKeyedService(Type serviceType, object? serviceKey) => services.IsKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public IServiceScope CreateScope()
    {
        var scope = host.CreateScope();
        return new Inner(services.Lease(scope.ServiceProvider), scope);
    }

    /// <summary>Ends the lease and disposes what it has created.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_own is { } own)
        {
            await own.DisposeAsync().ConfigureAwait(false);
        }

        services.Release();
    }

    private sealed class Inner(ServiceLease lease, IServiceScope hosts) : IServiceScope, IAsyncDisposable
    {
        public IServiceProvider ServiceProvider => lease;

        public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

        public async ValueTask DisposeAsync()
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            hosts.Dispose();
        }
    }
}
