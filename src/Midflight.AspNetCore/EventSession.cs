using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Midflight.AspNetCore;

/// <summary>A request that becomes a stream of server-sent events.</summary>
internal sealed class EventSession(ModuleName module, object? argument, EventStreamSettings settings) : ProcessSession(module, argument)
{
    internal override async Task Run(HttpContext context, Node node, string application)
    {
        var stream = new EventStreamConnection(settings);
        var last = context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } id] ? id : null;

        if (!await Start(stream, given => new EventStreamOpened(stream, last, given), context, node, application).ConfigureAwait(false))
        {
            return;
        }

        // Otherwise the program would wait for its clients before it stops.
        using var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
            .UnsafeRegister(static stream => ((EventStreamConnection)stream!).Close(), stream);
        await stream.Run(context).ConfigureAwait(false);
    }
}
