using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Web;

namespace Midflight.Observer;

/// <summary>Serves the observer on this machine alone, to who has its token.</summary>
/// <remarks>.NET's own listener, so that a node needs no ASP.NET Core.</remarks>
internal sealed class ObserverServer : IAsyncDisposable
{
    // Clients at once. A page that is live has one for as long as it is open.
    private const int MostClients = 100;

    private readonly HttpListener _listener;
    private readonly ObserverSite _site;
    private readonly string _token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _room = new(MostClients);
    private readonly string _authority;
    private readonly Task _serving;

    private ObserverServer(HttpListener listener, int port, ObserverSite site)
    {
        (_listener, _authority, _site) = (listener, $"127.0.0.1:{port}", site);
        Address = $"http://{_authority}/?token={_token}";
        _serving = Serve();
    }

    /// <summary>What to open: with the token, which goes into a cookie.</summary>
    internal string Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="site">What.</param>
    /// <param name="port">Where; 0 for one that is free.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    internal static ObserverServer Start(ObserverSite site, int port)
    {
        // The listener takes no 0. One that somebody else takes in between is tried again.
        for (var left = 10; ; left--)
        {
            var chosen = port == 0 ? Random.Shared.Next(20_000, 60_000) : port;
            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{chosen}/");

            try
            {
                listener.Start();
                return new(listener, chosen, site);
            }
            catch (HttpListenerException exception)
            {
                listener.Close();

                if (port != 0 || left == 0)
                {
                    throw new IOException($"Port {chosen} cannot be used: {exception.Message}. Choose another with --port, or leave it out.", exception);
                }
            }
        }
    }

    private async Task Serve()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync().ConfigureAwait(false);
                await _room.WaitAsync(_over.Token).ConfigureAwait(false);
                _ = Task.Run(() => Handle(context));
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                if (!_listener.IsListening)
                {
                    return;
                }
            }
        }
    }

    private async Task Handle(HttpListenerContext context)
    {
        try
        {
            var exchange = new ListenerExchange(context, _over.Token);

            // By its number only: a name that somebody makes lead here is none of ours.
            if (context.Request.UserHostName != _authority)
            {
                await exchange.Begin(421, "text/plain", []).DisposeAsync().ConfigureAwait(false);
            }
            else if (IsToken(exchange.Query("token")))
            {
                var cookie = $"{Cookie}={_token}; HttpOnly; SameSite=Strict; Path=/";
                await exchange.Begin(303, "text/plain", [("Set-Cookie", cookie), ("Location", Without(context.Request.Url!)), ("Referrer-Policy", "no-referrer")]).DisposeAsync().ConfigureAwait(false);
            }
            else if (!IsToken(context.Request.Cookies[Cookie]?.Value))
            {
                var answer = exchange.Begin(403, "text/plain; charset=utf-8", []);
                await using (answer.ConfigureAwait(false))
                {
                    await answer.WriteAsync("Open the address that the command has printed, with its token.\n"u8.ToArray(), _over.Token).ConfigureAwait(false);
                }
            }
            else
            {
                await _site.Handle(exchange).ConfigureAwait(false);
            }
        }
        // A client that went away, or a fault of a page: it is one request, and the others go on.
        catch (Exception)
        {
            context.Response.Abort();
        }
        finally
        {
            _room.Release();
        }
    }

    // The same page; the token stays in no history.
    private static string Without(Uri address)
    {
        var query = HttpUtility.ParseQueryString(address.Query);
        query.Remove("token");
        return $"/{address.AbsolutePath.TrimStart('/')}{(query.Count > 0 ? $"?{query}" : "")}";
    }

    // Cookies know no ports.
    private string Cookie => $"midflight-observer-{_authority[(_authority.IndexOf(':', StringComparison.Ordinal) + 1)..]}";

    private bool IsToken(string? token) => token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(_token));

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        _listener.Close();
        await _serving.ConfigureAwait(false);
        await _site.DisposeAsync().ConfigureAwait(false);
    }
}
