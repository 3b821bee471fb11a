using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Midflight.Observer;

namespace Midflight.AspNetCore;

/// <summary>A request to the observer, in a program of ASP.NET Core.</summary>
internal sealed class HttpExchange(HttpContext context, CancellationToken gone) : IExchange
{
    private const int LongestForm = 64 * 1024;

    private IFormCollection? _form;

    // Read at once: an upgrade that was asked for tells where to go on when the request is over, and its context another's.
    public string Base { get; } = Above(context);

    public string Path { get; } = Below(context);

    public bool IsPost => HttpMethods.IsPost(context.Request.Method);

    public CancellationToken Gone => gone;

    private static string Below(HttpContext context) => (context.GetRouteValue("page") as string ?? "").Trim('/');

    private static string Above(HttpContext context)
    {
        var whole = $"{context.Request.PathBase}{context.Request.Path}".TrimEnd('/');
        return whole[..(whole.Length - Below(context).Length)].TrimEnd('/');
    }

    public string? Query(string name) => context.Request.Query[name];

    public string? Field(string name) => _form?[name];

    public async Task ReadForm()
    {
        if (context.Request is { HasFormContentType: true, ContentLength: <= LongestForm })
        {
            _form = await context.Request.ReadFormAsync(gone).ConfigureAwait(false);
        }
    }

    public Stream Begin(int status, string type, IEnumerable<(string Name, string Value)> headers)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType) = (status, type);

        foreach (var (name, value) in headers)
        {
            response.Headers[name] = value;
        }

        return response.Body;
    }
}
