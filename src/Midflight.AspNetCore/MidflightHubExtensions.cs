using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Midflight;
using Midflight.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>SignalR hubs in hot code.</summary>
public static class MidflightHubExtensions
{
    /// <summary>Maps a hub whose clients stay connected while its code changes.</summary>
    /// <typeparam name="THub">The hub. A client's call is looked up by name in the current version.</typeparam>
    /// <param name="endpoints">The argument of <see cref="IWebModule.Map"/>.</param>
    /// <param name="pattern">The route.</param>
    /// <exception cref="InvalidOperationException">The program has no SignalR, or two methods of the hub have the same name.</exception>
    /// <remarks>
    /// Each call is a process, in the version that is current when the call is read, on its own hub instance. The calls of one client run in order, one at a time. Groups and users survive an upgrade. A version without the
    /// hub disconnects its clients.
    /// </remarks>
    public static IEndpointConventionBuilder MapHotHub<THub>(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
        where THub : Hub
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        if (endpoints.ServiceProvider is not ModuleServices services)
        {
            throw new InvalidOperationException($"{pattern} is mapped outside an application. Map it in IWebModule.Map, on the endpoints passed there, and serve them with app.MapMidflight().");
        }

        var hub = services.AddHub(new HubVersion(typeof(THub), services), pattern);
        var both = endpoints.MapGroup("");

        foreach (var endpoint in hub.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var connect = endpoint.RequestDelegate!;
            both.Map(endpoint.RoutePattern, context =>
            {
                context.Features.Set<ClientSession>(new HubSession(connect));
                return Task.CompletedTask;
            }).WithMetadata([.. endpoint.Metadata, .. typeof(THub).GetCustomAttributes(inherit: true).Where(attribute => CodeVersion.Of(attribute.GetType()) is null), HotHandler.StaysConnected]);
        }

        return both;
    }
}
