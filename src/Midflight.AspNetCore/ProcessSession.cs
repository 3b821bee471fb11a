using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Midflight.AspNetCore;

/// <summary>A connection with a process that owns it.</summary>
internal abstract partial class ProcessSession(ModuleName module, object? argument) : ClientSession
{
    // Released when the process has it: it may be of hot code.
    private object? _argument = argument;

    /// <summary>Starts the process that owns a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="opened">Creates the start argument from the argument.</param>
    /// <param name="context">Gets the error if it does not start.</param>
    /// <param name="node">Where it runs.</param>
    /// <param name="application">The application that it ends with.</param>
    /// <returns>Whether it is running.</returns>
    private protected async Task<bool> Start(WebConnection connection, Func<object?, object> opened, HttpContext context, Node node, string application)
    {
        try
        {
            var pid = await Begin(opened, node).ConfigureAwait(false);

            if (pid.Cell is { } cell)
            {
                connection.Remote = $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}";
                connection.Own(cell);
                node.Applications.Fronts.Adopt(cell, application);
                return true;
            }

            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        catch (Exception exception) when (exception is StartFailedException or MissingMethodException or ConversionException)
        {
            NotStarted(node.Logger, exception, module.FullName, context.Request.Path);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }

        connection.Dispose();
        return false;
    }

    private ValueTask<Pid> Begin(Func<object?, object> opened, Node node)
    {
        var type = module.Resolve();
        var given = Door.Into(CodeVersion.Of(type), opened(_argument));
        _argument = null;
        return GenServer.Begin(node, type, given, null, null);
    }

    [LoggerMessage(EventId = 90, EventName = "SessionNotStarted", Level = LogLevel.Error, Message = "{Module} did not start for a client of {Path}, which got status 503.")]
    private static partial void NotStarted(ILogger logger, Exception exception, string module, string path);
}
