using System.Net.ServerSentEvents;

namespace Midflight.AspNetCore.Tests;

/// <summary>A stream of server-sent events is a process, which goes on in new code.</summary>
public sealed class EventStreamTests
{
    private static string Ticker(int version) => Site.Code(
        $$"""
        endpoints.MapEvents<Ticker>("/events/{topic}", (string topic) => topic);
        endpoints.MapGet("/tick/{topic}", (string topic, string text) => Process.Send(topic, text));
        endpoints.MapGet("/version", () => {{version}});
        """,
        $$"""
        public sealed record Ticks(EventStreamConnection Stream, int Count);

        public sealed class Ticker : GenServer<Ticks>
        {
            protected override Started<Ticks> Init(object? argument)
            {
                var (stream, last, topic) = (EventStreamOpened)argument!;
                Process.Register($"{topic}", Process.Self);
                stream.Send($"hello{last}");
                return new Ticks(stream, 0);
            }

            protected override Answer<Ticks> HandleInfo(object message, Ticks state)
            {
                switch (message)
                {
                    case "stop":
                        return Stop(ExitReason.Normal, state);
                    case string text:
                        state.Stream.Send($"{{version}}\n{text}", "tick", $"{state.Count + 1}");
                        return NoReply(state with { Count = state.Count + 1 });
                    case EventStreamClosed:
                        Process.Send("journal", "gone");
                        return Stop(ExitReason.Normal, state);
                    default:
                        return NoReply(state);
                }
            }
        }
        """);

    private static async Task<IAsyncEnumerator<string>> Listen(Site site, string topic, string? last = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/events/{topic}");

        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        var response = await site.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        return Read(await response.Content.ReadAsStreamAsync()).GetAsyncEnumerator();

        static async IAsyncEnumerable<string> Read(Stream stream)
        {
            await using var _ = stream;

            await foreach (var item in SseParser.Create(stream).EnumerateAsync())
            {
                yield return $"{item.EventType} {item.EventId} {item.Data}";
            }
        }
    }

    private static async Task<string> Next(IAsyncEnumerator<string> events) => await events.MoveNextAsync() ? events.Current : "end";

    [Fact]
    public async Task It_goes_on_through_upgrade_and_downgrade_and_keeps_no_old_version()
    {
        await using var site = await Site.Start(Ticker(1), Ticker(2));
        var events = await Listen(site, "a", "again");
        Assert.Equal("message  helloagain", await Next(events));
        await site.Get("/tick/a?text=x");
        Assert.Equal("tick 1 1\nx", await Next(events));

        await site.Install("2");
        await site.Get("/tick/a?text=y");
        Assert.Equal("tick 2 2\ny", await Next(events));
        site.AssertUnloaded();

        await site.Install("1");
        await site.Get("/tick/a?text=z");
        Assert.Equal("tick 3 1\nz", await Next(events));
        site.AssertUnloaded();

        await site.Get("/tick/a?text=stop");
        Assert.Equal("end", await Next(events));
    }

    [Fact]
    public async Task The_process_hears_that_its_client_is_gone()
    {
        await using var site = await Site.Start(Ticker(1));
        await site.Node.Run(async () =>
        {
            Process.Register("journal", Process.Self);
            var events = await Listen(site, "a");
            await Next(events);
            await events.DisposeAsync();
            Assert.Equal("gone", await Process.Receive<string>());
        });
    }

    [Fact]
    public async Task A_program_that_stops_ends_it()
    {
        await using var site = await Site.Start(Ticker(1));
        var events = await Listen(site, "a");
        await Next(events);

        await site.App.StopAsync();

        Assert.Equal("end", await Next(events));
    }
}
