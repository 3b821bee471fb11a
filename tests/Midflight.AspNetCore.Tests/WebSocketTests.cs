using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace Midflight.AspNetCore.Tests;

/// <summary>A WebSocket is a process: it stays open while its code changes, and loses nothing.</summary>
public sealed class WebSocketTests
{
    // Says its version, its count and what has come.
    private static string Echo(int version, string change = "return state;") => $$"""
        public sealed record Counted(WebSocketConnection Socket, string Who, int Count{{(version == 1 ? "" : ", string Note = \"new\"")}});

        public sealed class Echo : GenServer<Counted>
        {
            protected override Started<Counted> Init(object? argument)
            {
                var opened = (WebSocketOpened)argument!;

                if (opened.Argument is "nobody")
                {
                    return Ignore();
                }

                opened.Socket.Send($"hello {opened.Argument}");
                return new Counted(opened.Socket, $"{opened.Argument}", 0);
            }

            protected override Answer<Counted> HandleInfo(object message, Counted state)
            {
                switch (message)
                {
                    case WebSocketText(_, "stop"):
                        return Stop(ExitReason.Normal, state);
                    case WebSocketText(_, "fail"):
                        throw new InvalidOperationException("fail");
                    case WebSocketText(_, "leave"):
                        state.Socket.Close((System.Net.WebSockets.WebSocketCloseStatus)4000, "left");
                        return NoReply(state);
                    case WebSocketText(_, var text):
                        state.Socket.Send($"{{version}} {state.Count + 1} {text}");
                        return NoReply(state with { Count = state.Count + 1 });
                    case WebSocketData(_, var bytes):
                        state.Socket.Send(bytes);
                        return NoReply(state);
                    case WebSocketClosed(_, var status, _, var error):
                        if (Process.WhereIs("journal") is { } journal)
                        {
                            Process.Send(journal, $"{state.Who}: {(int?)status} {error?.GetType().Name}");
                        }

                        return Stop(ExitReason.Normal, state);
                    default:
                        return NoReply(state);
                }
            }

            protected override Counted CodeChange(OldVsn from, Counted state, object? extra)
            {
                {{change}}
            }
        }
        """;

    private const string Map = """
        endpoints.MapWebSocket<Echo>("/ws/{who}", (string who) => who == "bad" ? (object)Results.Unauthorized() : who, new() { MaxMessage = 100_000, SubProtocols = ["b", "a"] });
        endpoints.MapWebSocket<Echo>("/plain");
        """;

    private static Task<Site> Start() => Site.Start(
        Site.Code(Map, Echo(1)),
        Site.Code(Map + """endpoints.MapGet("/second", () => "second");""", Echo(2)),
        Site.Code(Map, Echo(3, """throw new InvalidOperationException("no");""")));

    private static async Task<ClientWebSocket> Connect(Site site, string path, params string[] protocols)
    {
        var client = new ClientWebSocket();
        Array.ForEach(protocols, client.Options.AddSubProtocol);
        await client.ConnectAsync(new($"ws://{site.Address.Authority}{path}"), default);
        return client;
    }

    private static Task Send(ClientWebSocket client, string text) => client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    private static async Task<string> Receive(ClientWebSocket client)
    {
        var buffer = new byte[200_000];
        var length = 0;

        while (true)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(length), default);
            length += received.Count;

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return $"closed {(int?)client.CloseStatus} {client.CloseStatusDescription}".TrimEnd();
            }

            if (received.EndOfMessage)
            {
                return received.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(buffer, 0, length) : Convert.ToHexString(buffer, 0, length);
            }
        }
    }

    private static async Task<string> Ask(ClientWebSocket client, string text)
    {
        await Send(client, text);
        return await Receive(client);
    }

    [Fact]
    public async Task It_stays_open_through_upgrade_failed_upgrade_and_downgrade_with_every_message_once_and_in_order()
    {
        await using var site = await Start();
        using var busy = await Connect(site, "/ws/ann");
        using var idle = await Connect(site, "/ws/idle");
        Assert.Equal(("hello ann", "hello idle"), (await Receive(busy), await Receive(idle)));
        var opens = 1;
        using var enough = new CancellationTokenSource();
        var sending = Task.Run(async () =>
        {
            var sent = 0;

            for (; !enough.IsCancellationRequested; sent++)
            {
                await Send(busy, $"{sent + 1}");

                if (sent % 50 == 49)
                {
                    await Task.Yield();
                }
            }

            await Send(busy, "end");
            return sent;
        });
        var receiving = Task.Run(async () =>
        {
            var versions = new HashSet<string>();

            for (var expected = 1; ; expected++)
            {
                var parts = (await Receive(busy)).Split(' ');
                versions.Add(parts[0]);

                if (parts[2] == "end")
                {
                    return (expected - 1, versions);
                }

                Assert.Equal(($"{expected}", $"{expected}"), (parts[1], parts[2]));
            }
        });

        await site.Install("2");
        Assert.Equal("2 1 a", await Ask(idle, "a"));
        Assert.Contains("no", await site.Fails("3"), StringComparison.Ordinal);
        Assert.Equal("2 2 b", await Ask(idle, "b"));
        await site.Install("1");
        Assert.Equal("1 3 c", await Ask(idle, "c"));

        await enough.CancelAsync();
        var sent = await sending;
        var (received, versions) = await receiving;
        Assert.Equal(sent, received);
        Assert.Subset(new HashSet<string> { "1", "2" }, versions);
        Assert.Equal((1, WebSocketState.Open), (opens, busy.State));

        // An idle connection keeps nothing of the version that it was opened in.
        site.AssertUnloaded();
    }

    [Fact]
    public async Task Text_and_bytes_come_whole_whatever_their_length_and_frames()
    {
        await using var site = await Start();
        using var client = await Connect(site, "/ws/ann", "a");
        Assert.Equal(("a", "hello ann"), (client.SubProtocol, await Receive(client)));

        Assert.Equal("1 1 ", await Ask(client, ""));
        var long1 = new string('ä', 30_000);
        Assert.Equal($"1 2 {long1}", await Ask(client, long1));
        await client.SendAsync("in "u8.ToArray(), WebSocketMessageType.Text, false, default);
        await client.SendAsync(""u8.ToArray(), WebSocketMessageType.Text, false, default);
        await client.SendAsync("pieces"u8.ToArray(), WebSocketMessageType.Text, true, default);
        Assert.Equal("1 3 in pieces", await Receive(client));
        await client.SendAsync(new byte[] { 1, 2, 255 }, WebSocketMessageType.Binary, true, default);
        Assert.Equal("0102FF", await Receive(client));
    }

    [Theory]
    [InlineData("stop", "closed 1000")]
    [InlineData("fail", "closed 1011")]
    [InlineData("leave", "closed 4000 left")]
    public async Task It_is_closed_when_its_process_ends_or_says_so(string text, string closed)
    {
        await using var site = await Start();
        using var client = await Connect(site, "/ws/ann");
        await Receive(client);
        Assert.Equal("1 1 x", await Ask(client, "x"));

        Assert.Equal(closed, await Ask(client, text));
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    [Fact]
    public async Task The_process_hears_how_its_client_has_gone()
    {
        await using var site = await Start();
        await site.Node.Run(async () =>
        {
            Process.Register("journal", Process.Self);
            var polite = await Connect(site, "/ws/polite");
            var rude = await Connect(site, "/ws/rude");
            var large = await Connect(site, "/ws/large");
            await polite.CloseAsync((WebSocketCloseStatus)4001, "bye", default);
            Assert.Equal("polite: 4001 ", await Process.Receive<string>());
            rude.Abort();
            Assert.StartsWith("rude: ", await Process.Receive<string>(), StringComparison.Ordinal);
            await Receive(large);
            Assert.Equal("closed 1009 A message has 100000 bytes at most.", await Ask(large, new string('x', 100_001)));
            Assert.Equal("large:  InvalidDataException", await Process.Receive<string>());
        });
    }

    [Fact]
    public async Task Who_is_not_wanted_is_answered_before_the_connection_comes_about()
    {
        await using var site = await Start();

        Assert.Equal(HttpStatusCode.BadRequest, (await site.Client.GetAsync("/ws/ann")).StatusCode);
        Assert.Contains("401", (await Assert.ThrowsAsync<WebSocketException>(() => Connect(site, "/ws/bad"))).Message, StringComparison.Ordinal);
        Assert.Contains("403", (await Assert.ThrowsAsync<WebSocketException>(() => Connect(site, "/ws/nobody"))).Message, StringComparison.Ordinal);
        using var plain = await Connect(site, "/plain");
        Assert.Equal("hello", (await Receive(plain)).TrimEnd());
    }

    [Fact]
    public async Task A_program_that_stops_says_farewell()
    {
        var site = await Start();
        using var client = await Connect(site, "/ws/ann");
        await Receive(client);

        var stopping = site.App.StopAsync();
        Assert.Equal("closed 1001 The server stops.", await Receive(client));
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await stopping;
        await site.DisposeAsync();
    }
}
