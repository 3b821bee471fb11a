using Microsoft.AspNetCore.Http;

namespace Midflight.AspNetCore;

/// <summary>One request: a process, in the code version that accepted it, until it is answered.</summary>
/// <remarks>
/// What flows with the request (<see cref="AsyncLocal{T}"/>, culture, activity) also flows here. If the process is ended from outside, the connection is
/// aborted before ASP.NET Core gets the request back, because code of the handler may still have its context, which would otherwise be reused for another
/// request.
/// </remarks>
internal sealed class Request : Errand
{
    private readonly ExecutionContext? _flow = ExecutionContext.Capture();
    private readonly RequestDelegate _handler;
    private readonly HttpContext _context;

    private Request(CodeVersion? version, string title, RequestDelegate handler, HttpContext context)
        : base(version) => (Title, _handler, _context) = (title, handler, context);

    internal override string Title { get; }

    /// <summary>Runs a handler in a process of its own, with the services of its version.</summary>
    /// <returns>Completes with the handler; faulted if it throws.</returns>
    internal static async Task Run(Node node, CodeVersion? version, string title, ModuleServices services, RequestDelegate handler, HttpContext context)
    {
        var hosts = context.RequestServices;
        var lease = services.Lease(hosts);
        context.RequestServices = lease;

        try
        {
            await new Request(version, title, handler, context).Run(node).ConfigureAwait(false);
        }
        finally
        {
            context.RequestServices = hosts;
            await lease.DisposeAsync().ConfigureAwait(false);
        }
    }

    private protected override Task Carry()
    {
        if (_flow is null || _flow == ExecutionContext.Capture())
        {
            return _handler(_context);
        }

        Task handling = Task.CompletedTask;
        ExecutionContext.Run(_flow, _ => handling = _handler(_context), null);
        return handling;
    }

    private protected override Exception Aborted()
    {
        _context.Abort();
        return new OperationCanceledException($"The process of {Title} was ended before it had answered.");
    }
}
