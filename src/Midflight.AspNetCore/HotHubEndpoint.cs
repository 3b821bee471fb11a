using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Midflight.AspNetCore;

/// <summary>One hub with its clients. It outlives every version of its code.</summary>
internal sealed class HotHubEndpoint : IEndpointRouteBuilder
{
    private readonly ConcurrentDictionary<HubConnectionContext, bool> _clients = new();

    // The versions in memory. This keeps none of them there.
    private readonly ConditionalWeakTable<CodeVersion, HubVersion> _versions = [];
    private volatile HubVersion? _current;

    /// <param name="node">Where its methods run.</param>
    /// <param name="host">The services of the program.</param>
    /// <param name="pattern">Its route.</param>
    internal HotHubEndpoint(Node node, IServiceProvider host, string pattern)
    {
        (Node, Host) = (node, host);
        Manager = new DefaultHubLifetimeManager<HotHub>(host.GetRequiredService<ILogger<DefaultHubLifetimeManager<HotHub>>>());
        this.MapConnections(pattern, new HttpConnectionDispatcherOptions(), connections => connections.Run(Serve));
    }

    internal Node Node { get; }

    internal IServiceProvider Host { get; }

    internal HubLifetimeManager<HotHub> Manager { get; }

    /// <summary>The version that handles the clients' calls; null while no version has the hub.</summary>
    internal HubVersion? Current => _current;

    /// <inheritdoc/>
    public IServiceProvider ServiceProvider => Host;

    /// <summary>The endpoints by which clients connect, as SignalR creates them.</summary>
    public ICollection<EndpointDataSource> DataSources { get; } = [];

    /// <inheritdoc/>
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(Host);

    /// <summary>A version is about to become current.</summary>
    internal void Add(HubVersion version)
    {
        if (version.Version is { } code)
        {
            _versions.AddOrUpdate(code, version);
        }
    }

    /// <summary>A version has become current; null if none has the hub any more: its clients are disconnected.</summary>
    internal void Show(HubVersion? version)
    {
        _current = version;

        if (version is null)
        {
            foreach (var client in _clients.Keys)
            {
                client.Abort();
            }
        }
    }

    /// <summary>The version whose types are among some values; the current one if there are none.</summary>
    internal HubVersion? Of(IEnumerable<object?> values) => values.OfType<object>().SelectMany(value => CodeVersion.Mentioned(value.GetType()))
        .Select(code => _versions.TryGetValue(code, out var version) ? version : null).FirstOrDefault(version => version is not null) ?? _current;

    private async Task Serve(ConnectionContext connection)
    {
        using var client = await HubClient.Connect(this, connection).ConfigureAwait(false);

        if (client is null)
        {
            return;
        }

        _clients[client.Context] = true;

        try
        {
            await client.Run().ConfigureAwait(false);
        }
        finally
        {
            _clients.TryRemove(client.Context, out _);
        }
    }
}

/// <summary>A request of a client of a hub, or the connection itself: SignalR's own code, without a frame of hot code below it.</summary>
internal sealed class HubSession(RequestDelegate connect) : ClientSession
{
    internal override Task Run(HttpContext context, Node node, string application) => connect(context);
}
