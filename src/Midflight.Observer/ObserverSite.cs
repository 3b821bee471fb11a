using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Midflight.Observer.Pages;

namespace Midflight.Observer;

/// <summary>All pages that show one node, for whatever web server.</summary>
internal sealed class ObserverSite : IAsyncDisposable
{
    // Nothing from elsewhere, nothing inline, in no frame.
    private static readonly (string, string)[] s_headers =
    [
        ("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
    ];

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly FrozenDictionary<string, ObserverPage> _pages;
    private readonly List<ObserverPage> _menu;
    private readonly TimeProvider _time;

    internal ObserverSite(NodeClient node, ObserverSettings settings, TimeProvider? time = null)
    {
        (Node, Settings, _time) = (node, settings, time ?? TimeProvider.System);
        Samples = new(node, _time);
        Jobs = new(node);
        ObserverPage[] own =
        [
            new OverviewPage(), new UpgradesPage(), new ProcessesPage(), new ProcessPage(), new TreePage(), new ApplicationsPage(), new TablesPage(), new SocketsPage(), new LogPage(),
        ];
        var replaced = settings.Pages.Select(page => page.Path).ToHashSet(StringComparer.Ordinal);
        _menu = [.. own.Where(page => !replaced.Contains(page.Path)), .. settings.Pages];
        _pages = _menu.ToFrozenDictionary(page => page.Path, StringComparer.Ordinal);
    }

    internal NodeClient Node { get; }

    internal ObserverSettings Settings { get; }

    internal Samples Samples { get; }

    internal UpgradeJobs Jobs { get; }

    /// <summary>What shows that a form is of this observer.</summary>
    internal string Key { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Answers a request.</summary>
    internal async Task Handle(IExchange exchange)
    {
        if (exchange.Path is "site.css" or "site.js")
        {
            await Asset(exchange).ConfigureAwait(false);
        }
        else if (!_pages.TryGetValue(exchange.Path, out var page))
        {
            await Write(exchange, 404, "Not found", Html.Of($"<p>There is no page {exchange.Path}. Choose one from the menu.</p>"), null).ConfigureAwait(false);
        }
        else if (exchange.IsPost)
        {
            await Act(exchange, page).ConfigureAwait(false);
        }
        else if (exchange.Query("live") is not null)
        {
            await Live(exchange, page).ConfigureAwait(false);
        }
        else
        {
            var (status, main) = await Render(exchange, page).ConfigureAwait(false);
            await Write(exchange, status, page.Title, main, page).ConfigureAwait(false);
        }
    }

    private async Task Act(IExchange exchange, ObserverPage page)
    {
        await exchange.ReadForm().ConfigureAwait(false);
        var problem = !Settings.AllowChanges ? "This observer shows and changes nothing. Start it with --allow-changes, or set AllowChanges where it is mapped."
            : !IsKey(exchange.Field("key")) ? "The form is not of this observer, or of one that has ended. Load the page again."
            : null;

        if (problem is null)
        {
            try
            {
                var next = await page.Act(new(this, exchange, exchange.Gone)).ConfigureAwait(false);
                await exchange.Begin(303, "text/plain", [.. s_headers, ("Location", next)]).DisposeAsync().ConfigureAwait(false);
                return;
            }
            catch (ObserverException exception)
            {
                problem = exception.Message;
            }
        }

        await Write(exchange, 403, page.Title, Html.Of($"<p class=\"problem\" role=\"alert\">{problem}</p>"), page).ConfigureAwait(false);
    }

    private bool IsKey(string? key) => key is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(Key));

    private async Task<(int Status, Html Main)> Render(IExchange exchange, ObserverPage page)
    {
        var html = new Html();

        try
        {
            await page.Render(new(this, exchange, exchange.Gone), html).ConfigureAwait(false);
            return (200, html);
        }
        catch (ObserverException exception)
        {
            return (503, Html.Of($"<p class=\"problem\" role=\"alert\">{exception.Message}</p>"));
        }
    }

    // The page anew, each second, where it has changed: what is live in it takes the place of what is shown.
    private async Task Live(IExchange exchange, ObserverPage page)
    {
        var events = exchange.Begin(200, "text/event-stream", s_headers);

        try
        {
            await using (events.ConfigureAwait(false))
            {
                var shown = "";

                while (true)
                {
                    var (_, main) = await Render(exchange, page).ConfigureAwait(false);
                    var now = JsonSerializer.Serialize(main.ToString());

                    // A comment, where nothing has changed: so that one who is gone is found out.
                    await events.WriteAsync(Encoding.UTF8.GetBytes(now == shown ? ":\n\n" : $"data: {now}\n\n"), exchange.Gone).ConfigureAwait(false);
                    await events.FlushAsync(exchange.Gone).ConfigureAwait(false);
                    shown = now;
                    await Task.Delay(s_second, _time, exchange.Gone).ConfigureAwait(false);
                }
            }
        }
        // They have gone.
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException or System.Net.HttpListenerException)
        {
        }
    }

    private async Task Write(IExchange exchange, int status, string title, Html main, ObserverPage? page)
    {
        var menu = new Html();

        foreach (var one in _menu.Where(one => one.IsInMenu))
        {
            menu.Add($"<li><a href=\"{exchange.Base}/{one.Path}\"{(one == page ? Html.Of($" aria-current=\"page\"") : null)}>{one.Title}</a></li>");
        }

        var html = Html.Of($"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title} · Midflight</title>
            <link rel="stylesheet" href="{exchange.Base}/site.css">
            <script src="{exchange.Base}/site.js" defer></script>
            <a class="skip" href="#main">To the content</a>
            <header><nav aria-label="Pages"><ul>{menu}</ul></nav><span id="live" role="status"></span></header>
            <main id="main"><h1>{title}</h1>
            {main}
            </main>
            </html>
            """);
        var answer = exchange.Begin(status, "text/html; charset=utf-8", s_headers);
        await using (answer.ConfigureAwait(false))
        {
            await answer.WriteAsync(Encoding.UTF8.GetBytes(html.ToString()), exchange.Gone).ConfigureAwait(false);
        }
    }

    private static async Task Asset(IExchange exchange)
    {
        using var asset = typeof(ObserverSite).Assembly.GetManifestResourceStream(exchange.Path)!;
        var answer = exchange.Begin(200, exchange.Path == "site.css" ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8", s_headers);
        await using (answer.ConfigureAwait(false))
        {
            await asset.CopyToAsync(answer, exchange.Gone).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Samples.Dispose();
        await Node.DisposeAsync().ConfigureAwait(false);
    }
}
