using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Host.Control;

namespace Midflight.Host.Tests.Control;

/// <summary>Whatever a client sends is answered, and what it may take has an end.</summary>
public sealed class ControlBoundsTests : IDisposable
{
    private readonly ControlFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"echo","params":{"text":"hi"}}""", "result")]
    [InlineData("""{"jsonrpc":"2.0","id":1e400,"method":"echo","params":{"text":"hi"}}""", "result")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\udc00"}""", "error")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"\ud800"}}""", "error")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":{"\ud800":1}}""", "error")]
    [InlineData("""{"jsonrpc":"2.0","\ud800":1,"id":1,"method":"echo","params":{"text":"hi"}}""", "result")]
    [InlineData("""{"jsonrpc":"\ud800","id":1,"method":"echo"}""", "error")]
    [InlineData("""{"jsonrpc":"2.0","id":{"a":1},"method":"echo"}""", "error")]
    [InlineData("""[[[[[[]]]]]]""", "error")]
    [InlineData("\u0000", "error")]
    public async Task Every_line_gets_its_answer(string line, string kind)
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send(line + "\n");

        Assert.True((await client.Line()).TryGetProperty(kind, out _));
        client.Send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\",\"params\":{\"text\":\"still there\"}}\n");
        Assert.Equal("still there", (await client.Line()).GetProperty("result").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_answered()
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Socket.Send([.. "{\"jsonrpc\":\"2.0\",\"id\":\""u8, 0xFF, 0xC0, .. "\",\"method\":\"echo\",\"params\":{\"text\":\"x\"}}\n"u8]);

        Assert.Equal(JsonValueKind.Object, (await client.Line()).ValueKind);
    }

    [Fact]
    public async Task Depth_has_an_end()
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send(new string('[', 100_000) + "\n");

        Assert.Equal(ControlErrors.ParseError, (await client.Line()).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Lines_are_cut_however_they_come()
    {
        var random = new Random(1);
        var lines = Enumerable.Range(0, 300).Select(_ => new string('x', random.Next(3) switch { 0 => random.Next(1, 4), 1 => random.Next(1, 5000), _ => random.Next(1, 40_000) })).ToList();
        using var stream = new Dribble(Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n\nno end"), random);
        var budget = new ControlBudget(1 << 20);
        var found = new List<string>();

        await foreach (var line in ControlLines.Read(stream, 40_000, CancellationToken.None, budget))
        {
            found.Add(Encoding.ASCII.GetString(line.Span));
        }

        Assert.Equal(lines, found);
        Assert.True(budget.TryTake(1 << 20));
    }

    [Fact]
    public async Task Unfinished_lines_of_all_clients_together_have_an_end()
    {
        var budget = new ControlBudget(100_000);
        using var large = new Dribble(new byte[60_000], new Random(1));
        var first = ControlLines.Read(large, 100_000, CancellationToken.None, budget).GetAsyncEnumerator();
        Assert.False(await first.MoveNextAsync());
        Assert.True(budget.TryTake(60_000));
        using var second = new Dribble(new byte[60_000], new Random(1));

        await Assert.ThrowsAsync<LineTooLongException>(async () => await ControlLines.Read(second, 100_000, CancellationToken.None, budget).GetAsyncEnumerator().MoveNextAsync());
        Assert.True(budget.TryTake(40_000));
    }

    [Fact]
    public async Task A_client_that_reads_no_answers_is_not_read_from()
    {
        await using var server = Started();
        using var client = _fixture.Raw();
        client.Socket.Blocking = false;
        var request = Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{{\"text\":\"{new string('x', 10_000)}\"}}}}\n");
        var (sent, stands) = (0L, 0);

        while (stands < 1000)
        {
            var now = client.Socket.Send(request, SocketFlags.None, out _);
            (sent, stands) = (sent + now, now > 0 ? 0 : stands + 1);
            Assert.True(sent < 50_000_000, "The node takes all that comes.");
            await Task.Yield();
        }

        using var other = _fixture.Raw();
        other.Send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\",\"params\":{\"text\":\"hi\"}}\n");
        Assert.Equal("hi", (await other.Line()).GetProperty("result").GetProperty("text").GetString());
    }

    // What it asked for goes on for ever, and nothing more of it is read: it is seen all the same that it has gone.
    [Fact]
    public async Task A_client_that_goes_while_all_its_room_is_taken_is_let_go()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = _fixture.Server().Handle<EchoRequest, EchoReply>(async (request, client, _) =>
        {
            await Task.Delay(Timeout.Infinite, client.ClientGone).ContinueWith(_ => gone.TrySetResult(), TaskScheduler.Default);
            return new EchoReply(request.Text);
        });
        server.Start();

        using (var client = _fixture.Raw())
        {
            for (var i = 0; i < 100; i++)
            {
                client.Send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\",\"params\":{\"text\":\"hi\"}}\n");
            }
        }

        await gone.Task;
    }

    [Fact]
    public async Task More_requests_than_are_at_work_at_once_are_all_answered()
    {
        await using var server = Started();
        using var client = _fixture.Raw();
        client.Send(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{{\"jsonrpc\":\"2.0\",\"id\":{i},\"method\":\"echo\",\"params\":{{\"text\":\"hi\"}}}}\n")));
        var answered = new HashSet<int>();

        while (answered.Count < 1000)
        {
            Assert.True(answered.Add((await client.Line()).GetProperty("id").GetInt32()));
        }
    }

    [Fact]
    public async Task One_client_too_many_is_told_so()
    {
        await using var server = Started();
        var clients = new List<ControlFixture.RawClient>();

        try
        {
            while (true)
            {
                var client = _fixture.Raw();
                clients.Add(client);
                client.Send("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"echo\",\"params\":{\"text\":\"hi\"}}\n");

                if ((await client.Line()).TryGetProperty("error", out var error))
                {
                    Assert.Equal(ControlErrors.TooManyClients, error.GetProperty("code").GetInt32());
                    Assert.Contains("clients are connected, which is this node's limit", error.GetProperty("message").GetString(), StringComparison.Ordinal);
                    break;
                }

                Assert.True(clients.Count <= 128);
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_change_is_written_down_with_who_asked_for_it_and_what_came_of_it()
    {
        using var text = new StringWriter();
        using var audit = new AuditLog(text, TimeProvider.System);
        await using (var server = new ControlServer(_fixture.Layout.ControlSocket, NullLogger.Instance, TimeProvider.System, audit: audit)
            .Handle<ChangeRequest, EchoReply>((request, _, _) => request.Text == "no" ? throw new ControlRefusedException("Not\e[31m that.") : new(new EchoReply(request.Text)))
            .Handle<EchoRequest, EchoReply>((request, _, _) => new(new EchoReply(request.Text))))
        {
            server.Start();
            using var client = _fixture.Raw();

            foreach (var asked in "echo unseen,change yes,change no".Split(','))
            {
                var (method, what) = (asked.Split(' ')[0], asked.Split(' ')[1]);
                client.Send($"{{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"{method}\",\"params\":{{\"text\":\"{what}\"}}}}\n");
                await client.Line();
            }
        }

        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches($"Z user [0-9]+ \\([^)]+\\) process {Environment.ProcessId} change {{\"text\":\"yes\"}} ok in [0-9]+ ms", lines[0]);
        Assert.Contains("change {\"text\":\"no\"} refused: Not\\u001B[31m that. in ", lines[1], StringComparison.Ordinal);
    }

    private ControlServer Started()
    {
        var server = _fixture.Server().Handle<EchoRequest, EchoReply>((request, _, _) => new(new EchoReply(request.Text)));
        server.Start();
        return server;
    }

    internal sealed record ChangeRequest(string Text) : IControlRequest<EchoReply>
    {
        public static string Method => "change";

        public static bool Changes => true;
    }

    /// <summary>Gives what it holds in pieces of any size.</summary>
    private sealed class Dribble(byte[] content, Random random) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 9000))], cancellationToken);
    }
}
