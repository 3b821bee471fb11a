using System.Collections.Specialized;
using System.Net;
using System.Text;
using System.Web;

namespace Midflight.Observer;

/// <summary>A request of .NET's own listener.</summary>
internal sealed class ListenerExchange(HttpListenerContext context, CancellationToken gone) : IExchange
{
    private const int LongestForm = 64 * 1024;

    private readonly NameValueCollection _query = HttpUtility.ParseQueryString(context.Request.Url!.Query);
    private NameValueCollection _form = [];

    public string Base => "";

    public string Path => context.Request.Url!.AbsolutePath.TrimStart('/');

    public bool IsPost => context.Request.HttpMethod == "POST";

    public CancellationToken Gone => gone;

    public string? Query(string name) => _query[name];

    public string? Field(string name) => _form[name];

    public async Task ReadForm()
    {
        var bytes = new byte[LongestForm + 1];
        var length = await context.Request.InputStream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, gone).ConfigureAwait(false);

        if (length <= LongestForm)
        {
            _form = HttpUtility.ParseQueryString(Encoding.UTF8.GetString(bytes, 0, length));
        }
    }

    public Stream Begin(int status, string type, IEnumerable<(string Name, string Value)> headers)
    {
        var response = context.Response;
        (response.StatusCode, response.ContentType, response.SendChunked) = (status, type, true);

        foreach (var (name, value) in headers)
        {
            response.AddHeader(name, value);
        }

        return response.OutputStream;
    }
}
