using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Midflight;
using Midflight.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Endpoints whose clients stay connected, each with a process of its own.</summary>
public static class MidflightSessionExtensions
{
    /// <summary>Maps WebSockets: each client has a process of its own, which is started with a <see cref="WebSocketOpened"/>.</summary>
    /// <typeparam name="TServer">The module of the process; its current version is started.</typeparam>
    /// <param name="endpoints">The argument of <see cref="IWebModule.Map"/>.</param>
    /// <param name="pattern">The route.</param>
    /// <param name="handler">A handler like that of any endpoint, called before the client is connected. Its result is the argument of the process, or an <see cref="IResult"/> that rejects the client. Default: none.</param>
    /// <param name="settings">Limits and times. Default: those of <see cref="WebSocketSettings"/>.</param>
    /// <remarks>
    /// The handler, and the filters of the endpoint, run in the version that accepted the request. The process changes its code like any other, and ends with its application. If it does not
    /// start, the client gets status 503; if its <c>Init</c> returns Ignore, 403.
    /// </remarks>
    public static IEndpointConventionBuilder MapWebSocket<TServer>(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Delegate? handler = null, WebSocketSettings? settings = null)
        where TServer : Behaviour
    {
        var module = ModuleName.Of(typeof(TServer));
        settings ??= new();
        return Map(endpoints, pattern, handler, ["GET", "CONNECT"], argument => new WebSocketSession(module, argument, settings));
    }

    /// <summary>Maps a stream of server-sent events: each client has a process of its own, which is started with an <see cref="EventStreamOpened"/>.</summary>
    /// <inheritdoc cref="MapWebSocket{TServer}"/>
    /// <param name="endpoints">The argument of <see cref="IWebModule.Map"/>.</param>
    /// <param name="pattern">The route.</param>
    /// <param name="handler">A handler like that of any endpoint, called before anything is sent. Its result is the argument of the process, or an <see cref="IResult"/> that rejects the client. Default: none.</param>
    /// <param name="settings">Limits and times. Default: those of <see cref="EventStreamSettings"/>.</param>
    public static IEndpointConventionBuilder MapEvents<TServer>(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Delegate? handler = null, EventStreamSettings? settings = null)
        where TServer : Behaviour
    {
        var module = ModuleName.Of(typeof(TServer));
        settings ??= new();
        return Map(endpoints, pattern, handler, ["GET"], argument => new EventSession(module, argument, settings));
    }

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string pattern, Delegate? handler, string[] methods, Func<object?, ClientSession> session)
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        if (endpoints.ServiceProvider is not ModuleServices)
        {
            throw new InvalidOperationException($"{pattern} is mapped outside an application. Map it in IWebModule.Map, on the endpoints passed there, and serve them with app.MapMidflight().");
        }

        return endpoints.MapMethods(pattern, methods, Admission(endpoints.ServiceProvider, RoutePatternFactory.Parse(pattern), handler, session)).WithMetadata(HotHandler.StaysConnected);
    }

    // Leaves the session behind, for when the handler's process has ended.
    private static RequestDelegate Admission(IServiceProvider services, RoutePattern pattern, Delegate? handler, Func<object?, ClientSession> session)
    {
        if (handler is null)
        {
            return context =>
            {
                context.Features.Set<ClientSession>(session(null));
                return Task.CompletedTask;
            };
        }

        var builder = new RouteEndpointBuilder(null, pattern, 0) { ApplicationServices = services };
        builder.FilterFactories.Add((_, next) => async invocation =>
        {
            var argument = await next(invocation);

            if (argument is IResult)
            {
                return argument;
            }

            invocation.HttpContext.Features.Set<ClientSession>(session(argument));
            return Results.Empty;
        });
        return RequestDelegateFactory.Create(
            handler,
            new() { ServiceProvider = services, RouteParameterNames = [.. pattern.Parameters.Select(parameter => parameter.Name)], EndpointBuilder = builder }).RequestDelegate;
    }
}
