using Microsoft.AspNetCore.Http;

namespace Midflight.AspNetCore;

/// <summary>The handler of one endpoint in one code version. Its request is a process; then, if the client stays connected, its session runs.</summary>
/// <remarks>
/// ASP.NET Core keeps the endpoint of a request until the request ends, and a session may last for days. So for an endpoint whose clients stay connected, the handler is
/// released with its version. A client that was routed to it before that and arrives only afterwards gets status 503.
/// </remarks>
internal sealed class HotHandler(
    Node node, string application, CodeVersion? version, string title, ModuleServices services, RequestDelegate handler, bool staysConnected) : IDisposable
{
    /// <summary>Metadata of endpoints whose clients stay connected.</summary>
    internal static readonly object StaysConnected = new Marker();

    // Null once it is released.
    private volatile Target? _target = new(version, services, handler);

    /// <summary>Handles a request.</summary>
    internal Task Handle(HttpContext context) => staysConnected ? Connect(context) : Request(context);

    private async Task Connect(HttpContext context)
    {
        await Request(context).ConfigureAwait(false);

        if (context.Features.Get<ClientSession>() is { } session)
        {
            context.Features.Set<ClientSession>(null);

            // Its own endpoint belongs to the version that admitted it.
            context.SetEndpoint(new Endpoint(null, EndpointMetadataCollection.Empty, title));
            await session.Run(context, node, application).ConfigureAwait(false);
        }
    }

    private Task Request(HttpContext context)
    {
        if (_target is { } target)
        {
            return AspNetCore.Request.Run(node, target.Version, title, target.Services, target.Handler, context);
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    public void Dispose() => _target = null;

    private sealed record Target(CodeVersion? Version, ModuleServices Services, RequestDelegate Handler);

    private sealed class Marker;
}
