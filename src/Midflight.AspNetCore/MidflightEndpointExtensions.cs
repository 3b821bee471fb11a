using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midflight;
using Midflight.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the endpoints of hot applications.</summary>
public static class MidflightEndpointExtensions
{
    /// <summary>Serves the endpoints of the node's applications whose start modules implement <see cref="IWebModule"/>, each in the current version.</summary>
    /// <param name="endpoints">The program, or a group in it: then they have the group's prefix, filters and metadata.</param>
    /// <returns>A builder for conventions that apply to all of them, such as <c>RequireAuthorization()</c>.</returns>
    /// <exception cref="InvalidOperationException">The program has no node.</exception>
    /// <example>
    /// <code>
    /// builder.AddMidflight(midflight => midflight.Release = "release");
    /// var app = builder.Build();
    /// app.MapMidflight();
    /// </code>
    /// </example>
    public static IEndpointConventionBuilder MapMidflight(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var node = endpoints.ServiceProvider.GetService<Node>() ?? throw new InvalidOperationException(
            "MapMidflight serves the endpoints of a node's applications, but this program has no node. Call builder.AddMidflight(…) before builder.Build().");
        var source = new HotEndpoints(node, endpoints.ServiceProvider);
        endpoints.DataSources.Add(source);
        node.Applications.Fronts.Add(source);
        return source;
    }
}
