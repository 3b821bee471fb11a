using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Midflight.Observer;

namespace Midflight.AspNetCore.Tests;

/// <summary>The pages that show a node, in a program behind its authorization, and on this machine.</summary>
public sealed partial class ObserverTests
{
    private const string Evil = "<script>alert(1)</script>\"'&";

    // A process whose name, label, state and messages look like markup, and one that answers nothing for now.
    private static string Code(int version) => Site.Code(
        $$$""""endpoints.MapGet("/", () => {{{version}}});"""",
        $$$""""
        public sealed record Inner(string Text, Inner? Next, [property: Secret] string Password = "hush");

        public sealed record Held(string Name, Inner Deep, Dictionary<string, int> Counts, List<string> Many{{{(version == 2 ? ", string Added = \"new\"" : "")}}});

        public sealed class Shown : GenServer<Held>
        {
            protected override Started<Held> Init(object? argument)
            {
                Process.Register("""{{{Evil}}}""", Process.Self);
                Process.Label = """{{{Evil}}}""";
                _ = new Table<string, string>(name: """{{{Evil}}}""");
                return new Held("""{{{Evil}}}""", new("one", new("two", null)), new() { ["""{{{Evil}}}"""] = 7 }, [.. Enumerable.Range(0, 200).Select(i => $"item {i}")]);
            }
        }
        """").Replace("new(Strategy.OneForOne, [])", "new(Strategy.OneForOne, [Child.Of<Shown>()])", StringComparison.Ordinal);

    private sealed class OwnPage : ObserverPage
    {
        public override string Path => "own";

        public override string Title => "Our own";

        public override async Task Render(ObserverContext context, Html html)
        {
            var status = await context.Ask("status");
            html.Add($"<p id=\"own\">{status.GetProperty("name").GetString()} {context.Query("say")}</p>");
        }
    }

    private static Task<Site> Start(bool mayChange) => Site.Start(
        builder =>
        {
            builder.Services.AddAuthentication("test").AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, NamedUser>("test", null);
            builder.Services.AddAuthorization();
        },
        app =>
        {
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapMidflight();
            app.MapMidflightObserver("/ops/midflight", observer =>
            {
                observer.AllowChanges = mayChange;
                observer.Pages.Add(new OwnPage());
            });
        },
        Code(1),
        Code(2));

    private static async Task<(HttpStatusCode Status, string Text)> Page(Site site, string page, FormUrlEncodedContent? form = null)
    {
        var address = $"/ops/midflight/{page}{(page.Contains('?', StringComparison.Ordinal) ? '&' : '?')}name=ann";
        var response = form is null ? await site.Client.GetAsync(address) : await site.Client.PostAsync(address, form);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(field => field.Name, field => field.Value));

    [GeneratedRegex("name=\"key\" value=\"([0-9a-f]+)\"")]
    private static partial Regex Key();

    [GeneratedRegex("href=\"([^\"]*/process\\?pid=[^\"]+)\">[^<]*</a> [^<]*script")]
    private static partial Regex ProcessLink();

    [Fact]
    public async Task Every_page_shows_the_node_to_who_may_see_it_and_no_value_becomes_markup()
    {
        await using var site = await Start(mayChange: false);
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.Client.GetAsync("/ops/midflight/")).StatusCode);
        var pages = new Dictionary<string, string>();

        foreach (var page in new[] { "", "upgrades", "processes", "tree", "applications", "tables", "sockets", "log", "own", $"own?say={Uri.EscapeDataString(Evil)}", $"processes?filter={Uri.EscapeDataString(Evil)}" })
        {
            var (status, text) = await Page(site, page);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.DoesNotContain("<script>alert", text, StringComparison.Ordinal);
            pages[page] = text;
        }

        Assert.Contains("demo 1", pages[""], StringComparison.Ordinal);
        Assert.Contains("Shown", pages["tree"], StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", pages["tables"], StringComparison.Ordinal);
        Assert.Contains("<p id=\"own\">demo &lt;script&gt;", pages[$"own?say={Uri.EscapeDataString(Evil)}"], StringComparison.Ordinal);
        Assert.Contains("changes nothing", pages["upgrades"], StringComparison.Ordinal);
        Assert.DoesNotContain("<form method=\"post\"", string.Concat(pages.Values), StringComparison.Ordinal);

        // One process, with its state.
        var found = pages[$"processes?filter={Uri.EscapeDataString(Evil)}"];
        Assert.Contains("1 of ", found, StringComparison.Ordinal);
        var link = WebUtility.HtmlDecode(ProcessLink().Match(found).Groups[1].Value)["/ops/midflight/".Length..];
        var (_, process) = await Page(site, link);
        Assert.DoesNotContain("<script>alert", process, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", process, StringComparison.Ordinal);
        Assert.All(["Password = ***", "Held", "&quot;two&quot;", "200 of them", "and more", "= 7"], shown => Assert.Contains(shown, process, StringComparison.Ordinal));

        // What is asked for and is not there.
        Assert.Contains("There is no process 999999999", (await Page(site, "process?pid=999999999")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Page(site, "nothing")).Status);
        var style = await site.Client.GetAsync("/ops/midflight/site.css?name=ann");
        Assert.Equal("text/css", style.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", style.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        // Nothing is changed, even by who has a form.
        Assert.Equal(HttpStatusCode.Forbidden, (await Page(site, "upgrades", Form(("verb", "upgrade"), ("version", "2")))).Status);
        Assert.Equal("1", site.Handler.Running);
    }

    [Fact]
    public async Task Where_changes_are_allowed_a_release_is_checked_installed_and_left_again_from_the_page()
    {
        await using var site = await Start(mayChange: true);
        Assert.Equal(HttpStatusCode.Forbidden, (await Page(site, "upgrades", Form(("verb", "upgrade"), ("version", "2"), ("key", "00")))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Page(site, "upgrades", Form(("verb", "upgrade"), ("version", "2")))).Status);

        var asks = (await Page(site, "upgrades?ask=upgrade&version=2")).Text;
        Assert.Contains("Really upgrade 2?", asks, StringComparison.Ordinal);
        var key = ("key", Key().Match(asks).Groups[1].Value);

        using var live = new StreamReader(await site.Client.GetStreamAsync("/ops/midflight/upgrades?live=1&name=ann"));
        await Page(site, "upgrades", Form(key, ("verb", "check"), ("version", "2")));
        await Seen(live, "were converted on a copy");
        await Page(site, "upgrades", Form(key, ("verb", "upgrade"), ("version", "2"), ("commit", "on")));
        await Seen(live, "2 is permanent");
        Assert.Equal("2", site.Handler.Running);
        await Page(site, "upgrades", Form(key, ("verb", "downgrade"), ("version", "1"), ("commit", "on")));
        await Seen(live, "1 is permanent");
        await Page(site, "upgrades", Form(key, ("verb", "upgrade"), ("version", "9")));
        await Seen(live, "problem");
        Assert.Equal("1", site.Handler.Running);
        Assert.Contains("install", (await Page(site, "upgrades")).Text, StringComparison.Ordinal);
    }

    // The stream shows the page anew when it has changed.
    private static async Task Seen(StreamReader live, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var last = "";

        try
        {
            while (await live.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                last = line.Length > 2 ? line : last;
            }
        }
        catch (OperationCanceledException)
        {
        }

        Assert.Fail($"The page was never shown with '{text}': {last}");
    }

    [Fact]
    public async Task A_program_without_authorization_shows_it_to_nobody_unless_it_says_so()
    {
        await using var site = await Site.Start(null, app =>
        {
            app.MapMidflightObserver("/closed");
            app.MapMidflightObserver("/open").AllowAnonymous();
        }, Code(1));

        Assert.Equal(HttpStatusCode.InternalServerError, (await site.Client.GetAsync("/closed/")).StatusCode);
        Assert.Contains("demo 1", await site.Get("/open/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_this_machine_it_is_shown_to_who_has_the_token_under_its_own_address()
    {
        await using var site = await Site.Start(Code(1));
        var layout = site.App.Services.GetRequiredService<Midflight.Hosting.NodeService>().Layout!;
        await using var server = ObserverServer.Start(new ObserverSite(new(() => layout), new()), 0);
        var address = new Uri(server.Address);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = true, CookieContainer = new() });
        using var stranger = new HttpClient();

        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync(new Uri(address, "/"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await stranger.GetAsync(new Uri(address, "/?token=00"))).StatusCode);
        Assert.Contains("demo 1", await client.GetStringAsync(address), StringComparison.Ordinal);
        Assert.Contains("Shown", await client.GetStringAsync(new Uri(address, "/processes?filter=Shown")), StringComparison.Ordinal);

        // A name that leads here, as a page of somebody else's may have one.
        var renamed = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/")) { Headers = { Host = "evil.example" } };
        Assert.NotEqual(HttpStatusCode.OK, (await client.SendAsync(renamed)).StatusCode);
    }
}
