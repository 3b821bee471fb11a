using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Midflight.AspNetCore;
using Midflight.Hosting;
using Midflight.Observer;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Shows the node of a program in a browser.</summary>
public static class MidflightObserverExtensions
{
    /// <summary>Serves pages that show the node: processes, supervision trees, code versions, tables, connections, upgrades, log.</summary>
    /// <param name="endpoints">The program.</param>
    /// <param name="pattern">Below which address. Default: <c>/midflight</c>.</param>
    /// <param name="configure">Whether they may change the node, and pages besides. Default: they change nothing.</param>
    /// <returns>For further conventions: <c>RequireAuthorization("operators")</c>, say.</returns>
    /// <remarks>
    /// The pages show states and messages of processes. So they require authorization: without more, a user who is known. In a program without authorization a request
    /// fails until there is some, or <c>AllowAnonymous()</c> says that everybody may look.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The program has no node with a release.</exception>
    public static IEndpointConventionBuilder MapMidflightObserver(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/midflight", Action<ObserverSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var services = endpoints.ServiceProvider;

        if (services.GetService<MidflightSettings>() is not { Release: not null })
        {
            throw new InvalidOperationException(
                "MapMidflightObserver shows a node that runs a release, and this program has none. Call builder.AddMidflight(midflight => midflight.Release = …) before builder.Build().");
        }

        var settings = new ObserverSettings();
        configure?.Invoke(settings);
        var service = services.GetRequiredService<NodeService>();
        var site = new ObserverSite(
            new(() => service.Layout ?? throw new ObserverException("The node has not started yet, or has stopped.")), settings, services.GetService<TimeProvider>());
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopped.Register(() => _ = site.DisposeAsync().AsTask());
        var pages = endpoints
            .MapMethods($"{pattern.TrimEnd('/')}/{{**page}}", ["GET", "POST"], async Task (HttpContext context) =>
            {
                using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
                await site.Handle(new HttpExchange(context, gone.Token)).ConfigureAwait(false);
            })
            .ExcludeFromDescription()
            .WithDisplayName("Midflight observer");

        // Behind all that is said of it elsewhere: whoever says nothing has it closed.
        pages.Finally(endpoint =>
        {
            if (!endpoint.Metadata.OfType<IAllowAnonymous>().Any() && !endpoint.Metadata.OfType<IAuthorizeData>().Any())
            {
                endpoint.Metadata.Add(new AuthorizeAttribute());
            }
        });
        return pages;
    }
}
