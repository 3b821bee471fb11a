using System.Net.WebSockets;

namespace Midflight.AspNetCore.Tests;

/// <summary>Nobody who is slow makes the program keep without a limit what others send.</summary>
public sealed class BackPressureTests
{
    // Sends until it is refused; then it says how much that was, when there is room again.
    private const string Flood = """
        public sealed class Flood : GenServer<WebSocketConnection>
        {
            protected override Started<WebSocketConnection> Init(object? argument) => ((WebSocketOpened)argument!).Socket;

            protected override async ValueTask<Answer<WebSocketConnection>> HandleInfoAsync(object message, WebSocketConnection socket)
            {
                switch (message)
                {
                    case WebSocketText(_, "flood"):
                        var piece = new string('x', 10_000);
                        var count = 0;

                        while (socket.Send(piece) is var sending && !(sending.IsCompleted && !sending.Result))
                        {
                            count++;
                        }

                        Process.Send("journal", $"refused with {socket.PendingBytes <= 100_000}");
                        break;
                    case ConnectionWritable:
                        Process.Send("journal", "writable");
                        break;
                    case WebSocketText(_, "hold"):
                        Process.Send("journal", "holds");
                        await GenServer.Call<bool>("gate", "wait", Timeout.InfiniteTimeSpan);
                        break;
                    case WebSocketData:
                        Process.Send("journal", "data");
                        break;
                }

                return NoReply(socket);
            }
        }

        public sealed class Gate : GenServer<From?>
        {
            protected override Started<From?> Init(object? argument) => (From?)null;

            protected override Answer<From?> HandleCall(object request, From? state) => NoReply(From);

            protected override Answer<From?> HandleCast(object message, From? state)
            {
                Reply(state!.Value, true);
                return NoReply(state);
            }
        }
        """;

    private static Task<Site> Start() => Site.Start(Site.Code(
        """
        endpoints.MapWebSocket<Flood>("/", null, new() { SendLimit = 100_000, ReceiveLimit = 100_000 });
        endpoints.MapGet("/gate", async () => { await GenServer.Start<Gate>(null, "gate"); });
        """,
        Flood));

    private static async Task<ClientWebSocket> Connect(Site site)
    {
        var client = new ClientWebSocket();
        await client.ConnectAsync(new($"ws://{site.Address.Authority}/"), default);
        return client;
    }

    [Fact]
    public async Task A_send_to_a_client_that_does_not_read_is_refused_and_the_process_hears_when_there_is_room_again()
    {
        await using var site = await Start();
        await site.Node.Run(async () =>
        {
            Process.Register("journal", Process.Self);
            using var client = await Connect(site);
            await client.SendAsync("flood"u8.ToArray(), WebSocketMessageType.Text, true, default);
            Assert.Equal("refused with True", await Process.Receive<string>());

            var buffer = new byte[100_000];
            var writable = Process.Receive<string>();
            using var enough = new CancellationTokenSource();
            var reading = Task.Run(async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await client.ReceiveAsync(buffer, enough.Token);
                }
            });
            Assert.Equal("writable", await writable);
            await enough.CancelAsync();
        });
    }

    [Fact]
    public async Task Of_a_client_whose_process_does_not_keep_up_no_more_is_read_than_the_limit()
    {
        await using var site = await Start();
        await site.Get("/gate");
        await site.Node.Run(async () =>
        {
            Process.Register("journal", Process.Self);
            using var client = await Connect(site);
            await client.SendAsync("hold"u8.ToArray(), WebSocketMessageType.Text, true, default);
            Assert.Equal("holds", await Process.Receive<string>());
            const int Count = 2_000;
            var sending = Task.Run(async () =>
            {
                for (var i = 0; i < Count; i++)
                {
                    await client.SendAsync(new byte[20_000], WebSocketMessageType.Binary, true, default);
                }
            });

            // 40 MB do not fit into the buffers of the system: the client is stopped, and few of its messages wait for the process.
            var session = site.Node.AllProcesses().Single(pid => pid.Cell?.Body?.ModuleName == "Flood").Cell!;

            while (session.QueueLength() < 5)
            {
                await Task.Yield();
            }

            Assert.InRange(session.QueueLength(), 5, 6);
            Assert.False(sending.IsCompleted);
            GenServer.Cast("gate", "open");
            await sending;

            for (var i = 0; i < Count; i++)
            {
                Assert.Equal("data", await Process.Receive<string>());
            }
        });
    }
}
