using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Midflight.AspNetCore;

/// <summary>The endpoints that one version of an application has mapped.</summary>
internal sealed class ModuleEndpoints : IEndpointRouteBuilder, IDisposable
{
    internal static readonly RoutePattern NoPrefix = RoutePatternFactory.Parse("");

    private readonly Node _node;
    private readonly string _application;
    private readonly CodeVersion? _version;
    private readonly ModuleServices _services;
    private readonly Action _changed;
    private IDisposable? _watch;

    /// <param name="node">Where requests run.</param>
    /// <param name="application">The application.</param>
    /// <param name="version">The code version; null for code that is not hot.</param>
    /// <param name="services">The services of the program and of the version.</param>
    /// <param name="changed">Called when endpoints change by themselves, as those of some data sources do.</param>
    internal ModuleEndpoints(Node node, string application, CodeVersion? version, ModuleServices services, Action changed) =>
        (_node, _application, _version, _services, _changed) = (node, application, version, services, changed);

    /// <inheritdoc/>
    public IServiceProvider ServiceProvider => _services;

    /// <inheritdoc/>
    public ICollection<EndpointDataSource> DataSources { get; } = [];

    /// <inheritdoc/>
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(_services);

    /// <summary>The mapped endpoints, as they are in a group.</summary>
    internal IEnumerable<Endpoint> Endpoints(RouteGroupContext group, IEnumerable<Action<EndpointBuilder>> conventions, IEnumerable<Action<EndpointBuilder>> last)
    {
        var context = new RouteGroupContext
        {
            Prefix = group.Prefix,
            Conventions = [.. group.Conventions, .. conventions],
            FinallyConventions = [.. last, .. group.FinallyConventions],
            ApplicationServices = _services,
        };
        return DataSources.SelectMany(source => source.GetGroupedEndpoints(context)).Select(Run);
    }

    /// <summary>Checks for everything that could prevent the program from routing. Then it starts to watch for changes.</summary>
    /// <exception cref="InvalidOperationException">There is such a problem; the message says what.</exception>
    internal void Check(IEnumerable<Action<EndpointBuilder>> conventions, IEnumerable<Action<EndpointBuilder>> last)
    {
        var policies = _services.GetRequiredService<ParameterPolicyFactory>();
        var all = Endpoints(new() { Prefix = NoPrefix, ApplicationServices = _services }, conventions, last).OfType<RouteEndpoint>().ToList();

        foreach (var endpoint in all)
        {
            foreach (var parameter in endpoint.RoutePattern.Parameters)
            {
                foreach (var policy in parameter.ParameterPolicies)
                {
                    try
                    {
                        policies.Create(parameter, policy);
                    }
                    // An unknown constraint, or one whose constructor throws.
                    catch (Exception exception)
                    {
                        throw new InvalidOperationException(
                            $"{_application} maps {endpoint.RoutePattern.RawText}, and {{{parameter.Name}}} of it cannot be used: {exception.Message} Correct the route.", exception);
                    }
                }
            }
        }

        _watch = ChangeToken.OnChange(() => new CompositeChangeToken([.. DataSources.Select(source => source.GetChangeToken())]), _changed);
    }

    private Endpoint Run(Endpoint endpoint)
    {
        if (endpoint.RequestDelegate is not { } handler)
        {
            return endpoint;
        }

        var staysConnected = endpoint.Metadata.Contains(HotHandler.StaysConnected);
        var hot = new HotHandler(_node, _application, _version, endpoint.DisplayName ?? "request", _services, handler, staysConnected);

        if (staysConnected)
        {
            _services.Keep(hot);
        }

        return endpoint is RouteEndpoint route
            ? new RouteEndpoint(hot.Handle, route.RoutePattern, route.Order, route.Metadata, route.DisplayName)
            : new Endpoint(hot.Handle, endpoint.Metadata, endpoint.DisplayName);
    }

    /// <summary>Other endpoints have replaced these.</summary>
    public void Dispose() => _watch?.Dispose();
}
