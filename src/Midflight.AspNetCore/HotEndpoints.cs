using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Midflight.AspNetCore;

/// <summary>The endpoints of all applications of a node, each in the current version.</summary>
/// <remarks>
/// A change replaces everything as a whole and then reports it. Routing finds either all of the endpoints before it or all of those after it.
/// </remarks>
internal sealed class HotEndpoints(Node node, IServiceProvider host) : EndpointDataSource, IEndpointConventionBuilder, IApplicationFront, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Action<EndpointBuilder>> _conventions = [];
    private readonly List<Action<EndpointBuilder>> _finally = [];

    // They outlive the versions of their code.
    private readonly ConcurrentDictionary<(string Application, string Hub, string Pattern), HotHubEndpoint> _hubs = new();

    // The lock owns all four.
    private readonly SortedList<string, ModuleEndpoints> _modules = new(StringComparer.Ordinal);
    private IReadOnlyList<Endpoint>? _endpoints;
    private CancellationTokenSource _changing = new();
    private CancellationChangeToken? _token;

    /// <inheritdoc/>
    public override IReadOnlyList<Endpoint> Endpoints
    {
        get
        {
            lock (_lock)
            {
                return _endpoints ??= GetGroupedEndpoints(new() { Prefix = ModuleEndpoints.NoPrefix, ApplicationServices = host });
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Endpoint> GetGroupedEndpoints(RouteGroupContext context)
    {
        lock (_lock)
        {
            return [.. _modules.Values.SelectMany(module => module.Endpoints(context, _conventions, _finally))];
        }
    }

    /// <inheritdoc/>
    public override IChangeToken GetChangeToken()
    {
        lock (_lock)
        {
            return _token ??= new(_changing.Token);
        }
    }

    /// <inheritdoc/>
    public void Add(Action<EndpointBuilder> convention) => _conventions.Add(convention);

    /// <inheritdoc/>
    public void Finally(Action<EndpointBuilder> finalConvention) => _finally.Add(finalConvention);

    /// <inheritdoc/>
    public void Show(string application, Application module)
    {
        if (module is not IWebModule web)
        {
            Hide(application);
            return;
        }

        var version = CodeVersion.Of(module.GetType());
        var services = new ModuleServices(host, web, (hub, pattern) => _hubs.GetOrAdd((application, hub, pattern), _ => new(node, host, pattern)));

        try
        {
            var mapped = new ModuleEndpoints(node, application, version, services, Changed);
            web.Map(mapped);
            mapped.Check(_conventions, _finally);
            (version?.Modules ?? node.Modules).Own(services);
            Replace(application, mapped);
            Show(application, services.Hubs);
        }
        catch
        {
            services.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Hide(string application)
    {
        Replace(application, null);
        Show(application, []);
    }

    private void Show(string application, List<(HotHubEndpoint Hub, HubVersion Version)> hubs)
    {
        foreach (var (key, hub) in _hubs.Where(known => known.Key.Application == application))
        {
            hub.Show(hubs.Find(shown => shown.Hub == hub).Version);
        }
    }

    private void Replace(string application, ModuleEndpoints? with)
    {
        ModuleEndpoints? before;

        lock (_lock)
        {
            _modules.Remove(application, out before);

            if (with is not null)
            {
                _modules.Add(application, with);
            }
        }

        if (before is not null || with is not null)
        {
            before?.Dispose();
            Changed();
        }
    }

    private void Changed()
    {
        CancellationTokenSource changed;

        lock (_lock)
        {
            (changed, _changing) = (_changing, new());
            (_endpoints, _token) = (null, null);
        }

        // Routing asks for the endpoints from within this call. Not under the lock, because it takes its own lock and asks here under that.
        changed.Cancel();
        changed.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();
}
