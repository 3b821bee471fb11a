using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Midflight.Hosting;

namespace Midflight.AspNetCore;

/// <summary>The services of one code version: the program's, and its own, which are created and disposed with it.</summary>
/// <remarks>
/// <para>
/// The program's container is never asked for a type of hot code, because a container keeps each type that it was asked for. Such types, the services
/// that the module has added, and options that it has set, come from the version's own container.
/// </para>
/// <para>
/// That container exists while there are leases or the version is loaded. A request that was routed before a purge and starts after it gets
/// another one for itself.
/// </para>
/// </remarks>
internal sealed class ModuleServices : IKeyedServiceProvider, IServiceProviderIsKeyedService, IDisposable
{
    private readonly IServiceProvider _host;
    private readonly Func<string, string, HotHubEndpoint> _findHub;
    private readonly ServiceCollection _collection = new();
    private readonly HashSet<Type> _added;
    private readonly Lock _lock = new();

    // What goes with the version. Owned by the lock, like the three below.
    private readonly List<IDisposable> _owned = [];

    // The version counts as one user, and each lease as another.
    private ServiceProvider? _own;
    private int _users = 1;
    private bool _isGone;

    /// <param name="host">The services of the program.</param>
    /// <param name="module">Adds services.</param>
    /// <param name="hubs">Finds the hub with a name and route, or creates it.</param>
    internal ModuleServices(IServiceProvider host, IWebModule module, Func<string, string, HotHubEndpoint> hubs)
    {
        (_host, _findHub) = (host, hubs);
        _collection.AddOptions();
        _collection.AddScoped<Scope>();
        _collection.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        Share<ILoggerFactory>();
        Share<IConfiguration>();
        Share<IHostEnvironment>();
        Share<TimeProvider>();
        var given = _collection.Count;

        // The program's settings, in a cache of its own: otherwise equal options share one.
        _collection.Configure<JsonOptions>(options =>
        {
            foreach (var configure in host.GetServices<IConfigureOptions<JsonOptions>>())
            {
                configure.Configure(options);
            }

            options.SerializerOptions.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, new Apart());
        });
        module.AddServices(_collection);
        _added = [.. _collection.Skip(given).Select(service => service.ServiceType)];
        MakeHere();
    }

    /// <summary>The hubs that this version has.</summary>
    internal List<(HotHubEndpoint Hub, HubVersion Version)> Hubs { get; } = [];

    /// <summary>Adds a hub, which becomes current with this version.</summary>
    internal HotHubEndpoint AddHub(HubVersion version, string pattern)
    {
        if (_host.GetService<Microsoft.AspNetCore.SignalR.IHubProtocolResolver>() is null)
        {
            throw new InvalidOperationException($"{version.Type.FullName} is a hub, but the program has no SignalR. Call builder.Services.AddSignalR() there.");
        }

        var hub = _findHub(version.Type.FullName!, pattern);
        hub.Add(version);
        Hubs.Add((hub, version));
        return hub;
    }

    private void Share<T>()
        where T : class
    {
        if (_host.GetService<T>() is { } service)
        {
            // As an instance: the container does not dispose it.
            _collection.TryAddSingleton(service);
        }
    }

    // A class of hot code is created like a module, from the services of the program and of the version.
    private void MakeHere()
    {
        for (var i = 0; i < _collection.Count; i++)
        {
            if (_collection[i] is { IsKeyedService: false, ImplementationType: { ContainsGenericParameters: false } type } service && IsHot(type))
            {
                _collection[i] = new(service.ServiceType, provider => provider.GetRequiredService<Scope>().Make(type), service.Lifetime);
            }
        }
    }

    /// <summary>Starts to use it, for one request.</summary>
    /// <param name="host">The services of the program in the scope of that request.</param>
    internal ServiceLease Lease(IServiceProvider host)
    {
        lock (_lock)
        {
            _users++;
        }

        return new(this, host);
    }

    /// <summary>A lease has ended, or the version is gone.</summary>
    internal void Release()
    {
        ServiceProvider? unused = null;

        lock (_lock)
        {
            if (--_users == 0)
            {
                (unused, _own) = (_own, null);
            }
        }

        // Something that can only be disposed asynchronously must not keep a version in memory.
        _ = unused?.DisposeAsync().AsTask();
    }

    /// <summary>Takes over something that is disposed when the version is gone. It must not throw then.</summary>
    internal void Keep(IDisposable owned)
    {
        lock (_lock)
        {
            _owned.Add(owned);
        }
    }

    /// <summary>The version is gone.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isGone)
            {
                return;
            }

            _isGone = true;
            _owned.ForEach(static owned => owned.Dispose());
            _owned.Clear();
        }

        Release();
    }

    private ServiceProvider Own
    {
        get
        {
            lock (_lock)
            {
                if (_own is null)
                {
                    _own = _collection.BuildServiceProvider();
                    _own.GetRequiredService<Scope>().Services = this;
                }

                return _own;
            }
        }
    }

    /// <summary>A scope of the version's own services.</summary>
    /// <param name="services">The source of their dependencies.</param>
    internal AsyncServiceScope NewScope(IServiceProvider services)
    {
        var scope = Own.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Scope>().Services = services;
        return scope;
    }

    private static bool IsHot(Type type) => type.IsCollectible || CodeVersion.Mentioned(type).Any();

    /// <summary>Whether a service belongs to the version rather than to the program.</summary>
    internal bool IsOwn(Type type) => _added.Contains(type) || IsHot(type) || (type.IsConstructedGenericType && IsOwnOption(type));

    private bool IsOwnOption(Type type) =>
        type.GetGenericTypeDefinition() is var open
        && (open == typeof(IOptions<>) || open == typeof(IOptionsSnapshot<>) || open == typeof(IOptionsMonitor<>))
        && _added.Contains(typeof(IConfigureOptions<>).MakeGenericType(type.GetGenericArguments()));

    /// <inheritdoc/>
    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProvider) || serviceType == typeof(IServiceProviderIsService) || serviceType == typeof(IServiceProviderIsKeyedService) ? this
        : IsOwn(serviceType) ? Own.GetService(serviceType)
        : _host.GetService(serviceType);

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey) => Keyed(serviceType, Own).GetKeyedService(serviceType, serviceKey);

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Keyed(serviceType, Own).GetRequiredKeyedService(serviceType, serviceKey);

    private IServiceProvider Keyed(Type type, IServiceProvider own) => IsOwn(type) ? own : _host;

    /// <inheritdoc/>
    public bool IsService(Type serviceType) => Asked(serviceType).IsService(serviceType);

    /// <inheritdoc/>
    public bool IsKeyedService(Type serviceType, object? serviceKey) => Asked(serviceType).IsKeyedService(serviceType, serviceKey);

    private IServiceProviderIsKeyedService Asked(Type type) => (IsOwn(type) ? Own : _host).GetRequiredService<IServiceProviderIsKeyedService>();

    /// <summary>The source of dependencies for what is created in a scope of the version's container.</summary>
    private sealed class Scope(ILoggerFactory loggers)
    {
        internal IServiceProvider Services { get; set; } = null!;

        internal object Make(Type type) => ModuleConstructor.Call(type, Services, loggers);
    }

    // It knows no type, and differs in each version.
    internal sealed class Apart : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) => null;
    }
}
