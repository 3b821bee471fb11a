using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Midflight.AspNetCore;

/// <summary>A request that becomes a WebSocket.</summary>
internal sealed class WebSocketSession(ModuleName module, object? argument, WebSocketSettings settings) : ProcessSession(module, argument)
{
    internal override Task Run(HttpContext context, Node node, string application)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            return Connect(context, node, application);
        }

        // The program need not have the middleware: what it does is done here.
        var middleware = new WebSocketMiddleware(
            upgraded => Connect(upgraded, node, application),
            context.RequestServices.GetService<IOptions<WebSocketOptions>>() ?? Options.Create(new WebSocketOptions()),
            context.RequestServices.GetRequiredService<ILoggerFactory>());
        return middleware.Invoke(context);
    }

    private async Task Connect(HttpContext context, Node node, string application)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("This address is for WebSockets.").ConfigureAwait(false);
            return;
        }

        var asked = context.WebSockets.WebSocketRequestedProtocols;
        var connection = new WebSocketConnection(settings, settings.SubProtocols.FirstOrDefault(asked.Contains));

        if (!await Start(connection, given => new WebSocketOpened(connection, given), context, node, application).ConfigureAwait(false))
        {
            return;
        }

        // Else the program would wait for its clients before it stops.
        using var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
            .UnsafeRegister(static connection => ((WebSocketConnection)connection!).Close(WebSocketCloseStatus.EndpointUnavailable, "The server stops."), connection);
        using var socket = await Accept(context, connection).ConfigureAwait(false);
        await connection.Run(socket).ConfigureAwait(false);
    }

    private async Task<WebSocket> Accept(HttpContext context, WebSocketConnection connection)
    {
        try
        {
            return await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = connection.SubProtocol,
                KeepAliveInterval = settings.KeepAlive,
                KeepAliveTimeout = settings.KeepAliveTimeout,
                DangerousEnableCompression = settings.Compression,
            }).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            connection.Fail(exception);
            throw;
        }
    }
}
