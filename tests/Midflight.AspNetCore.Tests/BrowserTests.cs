using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore.Tests;

/// <summary>Pages that are open in a browser while releases come and go under them.</summary>
public sealed class BrowserTests
{
    // Sends numbers by a WebSocket and by calls of a hub, one behind the other without waiting, and is told numbers by a stream of events.
    private const string Page = """
        <!doctype html><html lang="en"><title>Open</title><script>
        const seen = { ws: [], hub: [], sse: [] }, opens = { ws: 0, hub: 0, sse: 0 }, closes = { ws: 0, hub: 0, sse: 0 }, sent = { ws: 0, hub: 0 };
        let sends = true;
        const at = path => `ws://${location.host}${path}`;

        const socket = new WebSocket(at("/socket"));
        socket.onopen = () => { opens.ws++; setInterval(() => { if (sends) socket.send(++sent.ws); }, 5); };
        socket.onclose = () => closes.ws++;
        socket.onmessage = message => seen.ws.push(+message.data);

        // The protocol of SignalR, in JSON: its JavaScript client is a package of npm only.
        const hub = new WebSocket(at("/hub")), end = "\x1e";
        let shaken = false;
        hub.onopen = () => hub.send(JSON.stringify({ protocol: "json", version: 1 }) + end);
        hub.onclose = () => closes.hub++;
        hub.onmessage = message => {
            for (const part of message.data.split(end).filter(part => part)) {
                const said = JSON.parse(part);
                if (!shaken) { shaken = true; opens.hub++; setInterval(() => { if (sends) hub.send(JSON.stringify({ type: 1, invocationId: `${++sent.hub}`, target: "Echo", arguments: [sent.hub] }) + end); }, 5); }
                else if (said.type === 3) seen.hub.push(said.error ? said.error : said.result);
                else if (said.type === 6) hub.send(JSON.stringify({ type: 6 }) + end);
            }
        };

        const events = new EventSource("/events");
        events.onopen = () => opens.sse++;
        events.onerror = () => closes.sse++;
        events.onmessage = message => seen.sse.push(+message.data);

        const all = count => Object.values(seen).every(list => list.length >= count);
        </script></html>
        """;

    private static string Code(int version) => Site.Code(
        $"""
        {(version == 3 ? "throw new InvalidOperationException(\"not this one\");" : "")}
        endpoints.MapGet("/", () => Results.Content({JsonSerializer.Serialize(Page)}, "text/html"));
        endpoints.MapGet("/version", () => {version});
        endpoints.MapWebSocket<Echo>("/socket");
        endpoints.MapEvents<Ticks>("/events");
        endpoints.MapHotHub<Calls>("/hub");
        """,
        $$"""
        public sealed record Line(WebSocketConnection Socket{{(version == 2 ? ", int Count = 0" : "")}});

        public sealed class Echo : GenServer<Line>
        {
            protected override Started<Line> Init(object? argument) => new Line(((WebSocketOpened)argument!).Socket);

            protected override Answer<Line> HandleInfo(object message, Line state)
            {
                if (message is WebSocketText(var socket, var text))
                {
                    socket.Send(text);
                }

                return message is WebSocketClosed ? Stop(ExitReason.Normal, state) : NoReply(state);
            }
        }

        public sealed record Beat(EventStreamConnection Stream, int Number{{(version == 2 ? ", string Tag = \"x\"" : "")}});

        public sealed class Ticks : GenServer<Beat>
        {
            protected override Started<Beat> Init(object? argument)
            {
                Process.SendAfter(Process.Self, "tick", TimeSpan.FromMilliseconds(5));
                return new Beat(((EventStreamOpened)argument!).Stream, 0);
            }

            protected override Answer<Beat> HandleInfo(object message, Beat state)
            {
                if (message is not "tick")
                {
                    return message is EventStreamClosed ? Stop(ExitReason.Normal, state) : NoReply(state);
                }

                Process.SendAfter(Process.Self, "tick", TimeSpan.FromMilliseconds(5));
                state.Stream.Send($"{state.Number + 1}");
                return NoReply(state with { Number = state.Number + 1 });
            }
        }

        public sealed class Calls : Microsoft.AspNetCore.SignalR.Hub
        {
            public int Echo(int number) => number;
        }
        """);

    [BrowserFact]
    public async Task Sockets_hubs_and_events_stay_open_and_every_message_comes_once_and_in_order()
    {
        await using var site = await Site.Start(builder => builder.Services.AddSignalR(), null, Code(1), Code(2), Code(3));
        await using var browser = await Browser.Start();
        var tab = await browser.Open(site.Address);
        var count = 0;
        Task More() => tab.Until($"all({count += 30})");

        await More();
        await site.Install("2");
        await More();
        await site.Install("1");
        await More();
        Assert.Contains("not this one", await site.Fails("3"), StringComparison.Ordinal);
        Assert.Equal("1", await site.Get("/version"));
        await More();
        await site.Install("2");
        await More();

        // What has been sent comes back before it is counted.
        await tab.Value("sends = false");
        await tab.Until("seen.ws.length >= sent.ws && seen.hub.length >= sent.hub");
        Assert.Equal("{\"ws\":1,\"hub\":1,\"sse\":1}", (await tab.Value("JSON.stringify(opens)")).GetString());
        Assert.Equal("{\"ws\":0,\"hub\":0,\"sse\":0}", (await tab.Value("JSON.stringify(closes)")).GetString());

        foreach (var way in new[] { "ws", "hub", "sse" })
        {
            var numbers = JsonSerializer.Deserialize<int[]>((await tab.Value($"JSON.stringify(seen.{way})")).GetString()!)!;
            Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        }

        Assert.Empty(browser.Problems);
    }

    [BrowserFact]
    public async Task The_observer_shows_an_upgrade_as_it_goes_and_all_that_can_be_used_has_a_name()
    {
        await using var site = await Site.Start(
            builder => builder.Services.AddSignalR(),
            app =>
            {
                app.MapMidflight();
                app.MapMidflightObserver("/midflight", observer => observer.AllowChanges = true).AllowAnonymous();
            },
            Code(1),
            Code(2));
        await using var browser = await Browser.Start();
        var upgrades = await browser.Open(new(site.Address, "/midflight/upgrades"), width: 400);
        await upgrades.Until("document.getElementById('live').textContent == 'live'");
        await site.Install("2");
        await upgrades.Until("document.getElementById('state').textContent.includes('demo 2 runs and is permanent')");
        var overview = await browser.Open(new(site.Address, "/midflight/"));
        await overview.Until("document.querySelector('polyline').points.length > 2");

        foreach (var page in new[] { "", "upgrades", "upgrades?ask=downgrade&version=1", "processes", "process?pid=1", "tree", "applications", "tables", "sockets", "log" })
        {
            await using var tab = await browser.Open(new(site.Address, $"/midflight/{page}"), width: 360);
            var accessible = await tab.Accessible();
            Assert.DoesNotContain(accessible, node => node.Role is "link" or "button" or "textbox" or "searchbox" or "combobox" or "checkbox" or "spinbutton" or "image" && node.Name.Length == 0);
            Assert.Contains(accessible, node => node.Role == "main");

            // Wide tables scroll within themselves.
            Assert.True((await tab.Value("document.documentElement.scrollWidth <= 360")).GetBoolean(), page);
        }

        Assert.Empty(browser.Problems);

        // For who wants to see them: a folder for pictures.
        if (Environment.GetEnvironmentVariable("MIDFLIGHT_PICTURES") is { } folder)
        {
            foreach (var (page, width, scheme) in new[] { ("", 1200, "light"), ("", 400, "dark"), ("upgrades", 1200, "dark"), ("processes", 1200, "light"), ("process?pid=66", 1200, "light"), ("tree", 1200, "light"), ("sockets", 400, "light"), ("log", 1200, "dark") })
            {
                await using var tab = await browser.Open(new(site.Address, $"/midflight/{page}"), width);
                await tab.Look(scheme);
                await tab.Picture(Path.Combine(folder, $"{(page.Length == 0 ? "overview" : page.Split('?')[0])}-{width}-{scheme}.png"));
            }
        }
    }
}
