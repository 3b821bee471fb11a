using System.Net;
using System.Net.Sockets;

namespace EndToEnd.Tests;

/// <summary>The measuring clients see what goes wrong: otherwise their zeros mean nothing.</summary>
public sealed class CrowdTests
{
    [Fact]
    public async Task A_server_that_answers_leaves_nothing_to_complain_of()
    {
        await using var server = new Server((line, _) => line == "?version" ? "version: 1" : $"echo: {line}");
        await using var crowd = await Crowd.Connect(server.Port, talking: 5, idle: 5);
        await Steps.Until("they talk", () => crowd.Echoes > 1000);

        Assert.Equal([KeyValuePair.Create("version: 1", 10)], await crowd.Versions());
        var seen = crowd.Take();
        Assert.True(seen.IsClean);
        Assert.True(seen.LongestWait > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_wrong_answer_is_counted()
    {
        await using var server = new Server((line, count) => count == 100 ? "echo: something else" : $"echo: {line}");
        await using var crowd = await Crowd.Connect(server.Port, talking: 2, idle: 2);
        await Steps.Until("they talk", () => crowd.Echoes > 1000);

        Assert.Equal(2, crowd.Take().Wrong);
    }

    [Fact]
    public async Task A_connection_that_is_dropped_is_counted_whether_it_talks_or_not()
    {
        await using var server = new Server((line, count) => line == "bye" || count == 100 ? null : $"echo: {line}");
        await using var crowd = await Crowd.Connect(server.Port, talking: 2, idle: 2);
        await Assert.ThrowsAsync<IOException>(() => crowd.Connections[3].Ask("bye"));
        var dropped = 0;
        await Steps.Until("the others are dropped", () => (dropped += crowd.Take().Dropped) == 3);

        Assert.Equal(3, (await crowd.Versions())["silent"]);
    }

    [Fact]
    public async Task An_answer_that_has_not_come_counts_as_a_wait()
    {
        await using var server = new Server((line, count) => count == 100 ? "" : $"echo: {line}");
        await using var crowd = await Crowd.Connect(server.Port, talking: 1, idle: 0);
        await Steps.Until("it waits", () => crowd.Take().LongestWait > TimeSpan.FromMilliseconds(500));
    }

    /// <summary>Answers each line of a connection as it is told: an empty text for no answer, null to drop the connection.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Func<string, int, string?> _answer;
        private readonly Task _running;

        public Server(Func<string, int, string?> answer)
        {
            _answer = answer;
            _listener.Start();
            _running = Accept();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        private async Task Accept()
        {
            var serving = new List<Task>();

            try
            {
                while (true)
                {
                    serving.Add(Serve(await _listener.AcceptTcpClientAsync()));
                }
            }
            catch (SocketException)
            {
                await Task.WhenAll(serving);
            }
        }

        private async Task Serve(TcpClient client)
        {
            using (client)
            using (var reader = new StreamReader(client.GetStream()))
            {
                try
                {
                    for (var count = 1; await reader.ReadLineAsync() is { } line && _answer(line, count) is { } answer; count++)
                    {
                        if (answer.Length > 0)
                        {
                            await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer + "\n"));
                        }
                    }
                }
                catch (IOException)
                {
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _running;
        }
    }
}
