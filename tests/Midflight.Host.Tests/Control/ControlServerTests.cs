using System.Net.Sockets;
using Midflight.Host.Control;

namespace Midflight.Host.Tests.Control;

/// <summary>What is on the wire: any program that speaks JSON-RPC can be a client.</summary>
public sealed class ControlServerTests : IDisposable
{
    private readonly ControlFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_request_is_answered_by_its_id()
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send("""{"jsonrpc":"2.0","id":"a","method":"echo","params":{"text":"hello"}}""" + "\n");

        Assert.Equal("""{"jsonrpc":"2.0","id":"a","result":{"text":"hello"}}""", (await client.Line()).GetRawText());
    }

    [Fact]
    public async Task Requests_come_in_pieces_and_several_at_once()
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send("""{"jsonrpc":"2.0","id":1,"method":"ec""");
        client.Send("""ho","params":{"text":"x"}}""" + "\n\n" + """{"jsonrpc":"2.0","id":2,"method":"echo","params":{"text":"y"}}""" + "\n");

        var ids = new[] { await client.Line(), await client.Line() }.Select(line => line.GetProperty("id").GetInt32());
        Assert.Equal([1, 2], ids.Order());
    }

    [Theory]
    [InlineData("nonsense", ControlErrors.ParseError, "The line is not JSON: ")]
    [InlineData("[]", ControlErrors.InvalidRequest, "A request is an object ")]
    [InlineData("{}", ControlErrors.InvalidRequest, "A request is an object ")]
    [InlineData("""{"jsonrpc":2,"id":1,"method":"echo"}""", ControlErrors.InvalidRequest, "A request is an object ")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"echo"}""", ControlErrors.InvalidRequest, "The id of a request is ")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ecco"}""", ControlErrors.MethodNotFound, "This node knows no method \"ecco\". It knows echo, fail, wait.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":1}}""", ControlErrors.InvalidParams, "The parameters of `echo` cannot be read: ")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"echo","params":null}""", ControlErrors.InvalidParams, "The parameters of `echo` cannot be read: ")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"fail"}""", ControlErrors.InternalError, "`fail` failed: InvalidOperationException: oh")]
    public async Task What_cannot_be_carried_out_is_an_error_and_the_connection_goes_on(string line, int code, string message)
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send(line + "\n");

        var error = (await client.Line()).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.StartsWith(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        client.Send("""{"jsonrpc":"2.0","id":9,"method":"echo","params":{"text":"on"}}""" + "\n");
        Assert.Equal(9, (await client.Line()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task A_line_without_end_is_an_error_and_ends_the_connection_only()
    {
        await using var server = Started(longestLine: 1000);
        using var client = _fixture.Raw();

        client.Send(new string('x', 2000));

        var error = (await client.Line()).GetProperty("error");
        Assert.Equal(ControlErrors.LineTooLong, error.GetProperty("code").GetInt32());
        Assert.Equal("A line has more than 1000 bytes. Send less at once.", error.GetProperty("message").GetString());
        using var other = _fixture.Raw();
        other.Send("""{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"on"}}""" + "\n");
        Assert.Equal(1, (await other.Line()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task A_notification_gets_no_answer()
    {
        await using var server = Started();
        using var client = _fixture.Raw();

        client.Send("""{"jsonrpc":"2.0","method":"echo","params":{"text":"x"}}""" + "\n");
        client.Send("""{"jsonrpc":"2.0","id":2,"method":"echo","params":{"text":"y"}}""" + "\n");

        Assert.Equal(2, (await client.Line()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task A_client_that_goes_away_is_told_to_its_handler_and_disturbs_nobody()
    {
        var gone = new TaskCompletionSource();
        var started = new TaskCompletionSource();
        await using var server = _fixture.Server().Handle<WaitRequest, EchoReply>(async (_, progress, _) =>
        {
            started.SetResult();
            using var registration = progress.ClientGone.Register(gone.SetResult);
            await gone.Task;
            progress.Report("late", "to nobody");
            return new("too late");
        }).Handle<EchoRequest, EchoReply>(Echo);
        server.Start();
        using (var client = _fixture.Raw())
        {
            client.Send("""{"jsonrpc":"2.0","id":1,"method":"wait"}""" + "\n");
            await started.Task;
        }

        await gone.Task;
        using var other = _fixture.Raw();
        other.Send("""{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"on"}}""" + "\n");
        Assert.Equal(1, (await other.Line()).GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task A_client_that_only_ends_its_own_writing_still_gets_its_answer()
    {
        var released = new TaskCompletionSource();
        await using var server = _fixture.Server().Handle<WaitRequest, EchoReply>(async (_, _, _) =>
        {
            await released.Task;
            return new("here");
        });
        server.Start();
        using var client = _fixture.Raw();
        client.Send("""{"jsonrpc":"2.0","id":1,"method":"wait"}""" + "\n");
        client.Socket.Shutdown(SocketShutdown.Send);
        released.SetResult();

        Assert.Equal("here", (await client.Line()).GetProperty("result").GetProperty("text").GetString());
        Assert.Null(await client.End());
    }

    [Fact]
    public async Task Only_the_owner_may_open_the_door()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        await using var server = Started();

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_fixture.Layout.ControlSocket));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_fixture.Layout.Run));
        }
    }

    [Fact]
    public async Task A_socket_left_behind_by_a_killed_node_is_replaced()
    {
        Directory.CreateDirectory(_fixture.Layout.Run);
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(_fixture.Layout.ControlSocket));
        }

        File.WriteAllText(_fixture.Layout.ControlSocket, "left behind");
        await using var server = Started();
        await using var client = await ControlClient.Connect(_fixture.Layout);

        Assert.Equal("x", (await client.Call<EchoRequest, EchoReply>(new("x"))).Text);
    }

    [Fact]
    public async Task A_server_that_stops_cancels_its_handlers_and_still_answers()
    {
        var started = new TaskCompletionSource();
        var server = _fixture.Server().Handle<WaitRequest, EchoReply>(async (_, _, stopping) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping);
            return new("never");
        });
        server.Start();
        using var client = _fixture.Raw();
        client.Send("""{"jsonrpc":"2.0","id":1,"method":"wait"}""" + "\n");
        await started.Task;

        await server.DisposeAsync();

        var error = (await client.Line()).GetProperty("error");
        Assert.Equal("The node stopped before `wait` was done.", error.GetProperty("message").GetString());
        Assert.Null(await client.End());
        Assert.False(File.Exists(_fixture.Layout.ControlSocket));
    }

    [Fact]
    public async Task A_hundred_clients_are_served_at_once()
    {
        await using var server = Started();

        await Parallel.ForEachAsync(Enumerable.Range(0, 100), async (number, _) =>
        {
            await using var client = await ControlClient.Connect(_fixture.Layout, CancellationToken.None);
            for (var time = 0; time < 10; time++)
            {
                Assert.Equal($"{number}", (await client.Call<EchoRequest, EchoReply>(new($"{number}"), cancellation: CancellationToken.None)).Text);
            }
        });
    }

    private static ValueTask<EchoReply> Echo(EchoRequest request, ControlProgress progress, CancellationToken stopping) =>
        ValueTask.FromResult(new EchoReply(request.Text));

    private ControlServer Started(int longestLine = Wire.LongestLine)
    {
        var server = _fixture.Server(longestLine)
            .Handle<EchoRequest, EchoReply>(Echo)
            .Handle<FailRequest, EchoReply>((_, _, _) => throw new InvalidOperationException("oh"))
            .Handle<WaitRequest, EchoReply>((_, _, _) => ValueTask.FromResult(new EchoReply("")));
        server.Start();
        return server;
    }

    private sealed record FailRequest : IControlRequest<EchoReply>
    {
        public static string Method => "fail";
    }
}
