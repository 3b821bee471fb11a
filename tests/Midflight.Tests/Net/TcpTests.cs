using System.Net;
using System.Net.Sockets;

namespace Midflight.Tests.Net;

public sealed class TcpTests : IAsyncDisposable
{
    private readonly Node _node = new();

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private static readonly IPEndPoint Any = new(IPAddress.Loopback, 0);

    /// <summary>A connection: one end is the calling process's, the other a client.</summary>
    private static async Task<(TcpSocket Socket, Client Client)> Connect(TcpOptions? options = null)
    {
        var listener = Tcp.Listen(Any, options: options);
        var connecting = Client.Connect(listener.LocalEndPoint);
        var accepted = await Process.Receive<TcpAccepted>();
        listener.Close();
        return (accepted.Socket, await connecting);
    }

    private static readonly TcpOptions Passive = new() { Mode = TcpMode.Passive };

    [Fact]
    public Task Lines_come_as_messages_however_the_network_cuts_them() => _node.Run(async () =>
    {
        var (_, client) = await Connect();

        await client.Send("one\ntwo\r\n\nfo");
        Assert.Equal("one", (await Process.Receive<TcpLine>()).Line);
        Assert.Equal("two", (await Process.Receive<TcpLine>()).Line);
        Assert.Equal("", (await Process.Receive<TcpLine>()).Line);
        await client.Send("ur, ä€😀\nand");
        Assert.Equal("four, ä€😀", (await Process.Receive<TcpLine>()).Line);
        client.Dispose();
        Assert.Null((await Process.Receive<TcpClosed>()).Error);
    });

    [Fact]
    public Task The_connections_that_are_open_are_known() => _node.Run(async () =>
    {
        var (_, client) = await Connect();
        Assert.Equal(1, _node.Connections);
        client.Dispose();
        await Process.Receive<TcpClosed>();

        while (_node.Connections > 0)
        {
            await Task.Yield();
        }
    });

    [Fact]
    public Task What_is_sent_arrives_in_order() => _node.Run(async () =>
    {
        var (socket, client) = await Connect();

        for (var i = 0; i < 100; i++)
        {
            Assert.True(await socket.Send($"line {i}\n"));
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"line {i}", await client.Line());
        }
    });

    [Fact]
    public Task Sends_wait_where_the_other_side_does_not_read_and_none_is_lost() => _node.Run(async () =>
    {
        var (socket, client) = await Connect(new TcpOptions { SendLimit = int.MaxValue });
        var line = new string('x', 100_000);
        var sends = Enumerable.Range(0, 200).Select(i => socket.Send($"{i} {line}\n").AsTask()).ToArray();

        Assert.True(socket.PendingBytes > 0);
        Assert.False(sends[^1].IsCompleted);

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal($"{i} {line}", await client.Line());
        }

        Assert.All(await Task.WhenAll(sends), Assert.True);
        Assert.Equal(0, socket.PendingBytes);
    });

    [Fact]
    public Task A_socket_that_is_closed_sends_what_waits_first() => _node.Run(async () =>
    {
        var (socket, client) = await Connect();
        var line = new string('x', 10_000_000);

        var sending = socket.Send(line + "\n");
        socket.Close();

        Assert.False(await socket.Send("too late"));
        Assert.Equal(line, await client.Line());
        Assert.True(await sending);
        Assert.Null(await client.Line());
    });

    [Fact]
    public Task A_longer_line_than_allowed_closes_the_socket_and_says_so() => _node.Run(async () =>
    {
        var (socket, client) = await Connect(new TcpOptions { MaxLine = 10 });
        var remote = client.Socket.LocalEndPoint;

        await client.Send("0123456789\r\n");
        Assert.Equal("0123456789", (await Process.Receive<TcpLine>()).Line);
        await client.Send("0123456789a");

        var closed = await Process.Receive<TcpClosed>();
        Assert.Equal(
            $"A line of more than 10 bytes arrived on the socket to {remote}. Let the other side send shorter lines, or raise MaxLine in TcpOptions.",
            closed.Error!.Message);
        Assert.Equal(socket, closed.Socket);
    });

    [Fact]
    public Task A_line_of_the_longest_length_passes() => _node.Run(async () =>
    {
        var (_, client) = await Connect();
        var line = new string('x', TcpOptions.Default.MaxLine);

        await client.Send(line + "\nnext\n");

        Assert.Equal(line, (await Process.Receive<TcpLine>()).Line);
        Assert.Equal("next", (await Process.Receive<TcpLine>()).Line);
    });

    [Fact]
    public Task Once_means_one_message() => _node.Run(async () =>
    {
        var (socket, client) = await Connect(Passive);
        await client.Send("one\ntwo\nthree\n");

        socket.Mode = TcpMode.Once;
        Assert.Equal("one", (await Process.Receive<TcpLine>()).Line);
        Assert.Equal(TcpMode.Passive, socket.Mode);
        Assert.Null(await Process.Receive<TcpLine>(TimeSpan.Zero));
        socket.Mode = TcpMode.Active;
        Assert.Equal("two", (await Process.Receive<TcpLine>()).Line);
        Assert.Equal("three", (await Process.Receive<TcpLine>()).Line);
    });

    [Fact]
    public Task A_passive_socket_is_asked() => _node.Run(async () =>
    {
        var (socket, client) = await Connect(Passive);

        var asking = socket.Receive();
        Assert.Contains("is already being read", Assert.Throws<InvalidOperationException>(() => { _ = socket.Receive(); }).Message, StringComparison.Ordinal);
        await client.Send("one\ntwo\n");
        Assert.Equal(new TcpLine(socket, "one"), await asking);
        Assert.Equal(new TcpLine(socket, "two"), await socket.Receive());
        client.Dispose();
        Assert.Equal(new TcpClosed(socket, null), await socket.Receive());
    });

    [Fact]
    public Task Raw_bytes_come_as_they_are() => _node.Run(async () =>
    {
        var (_, client) = await Connect(new TcpOptions { Framing = TcpFraming.Raw });

        await client.Send("a\nb");

        Assert.Equal("a\nb"u8.ToArray(), (await Process.Receive<TcpData>()).Bytes.ToArray());
    });

    [Fact]
    public Task A_socket_is_handed_over_with_all_that_has_come() => _node.Run(async () =>
    {
        var (socket, client) = await Connect();
        var self = Process.Self;
        await client.Send("1\n2\n");
        await Process.Receive<TcpLine>(line => line.Line == "2");

        // One has been passed over and waits; the rest comes while it moves.
        var next = Process.Spawn(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                Process.Send(self, await Process.Receive<TcpLine>() is var line ? line.Line : "");
            }
        });
        var sending = client.Send(string.Concat(Enumerable.Range(3, 999).Select(i => $"{i}\n")));
        socket.ControllingProcess(next);
        await sending;

        Assert.Equal("1", await Process.Receive<string>());

        for (var i = 3; i < 1_002; i++)
        {
            Assert.Equal($"{i}", await Process.Receive<string>());
        }
    });

    [Fact]
    public Task Only_its_owner_hands_a_socket_over() => _node.Run(async () =>
    {
        var (socket, _) = await Connect();
        var self = Process.Self;
        var other = Process.Spawn(async () => await Process.Receive());
        socket.ControllingProcess(other);

        var refused = Assert.Throws<InvalidOperationException>(() => socket.ControllingProcess(self));

        Assert.Contains($"Process {self} does not own the socket to ", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"Only its owner, {other}, can hand it over.", refused.Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_socket_given_to_a_process_that_has_ended_is_closed() => _node.Run(async () =>
    {
        var (socket, client) = await Connect();
        var (ended, monitor) = Process.SpawnMonitor(() => Task.CompletedTask);
        await Process.Receive<Down>(down => down.Ref == monitor);

        socket.ControllingProcess(ended);

        Assert.Null(await client.Line());
    });

    [Fact]
    public Task A_socket_and_a_listener_are_closed_with_their_process() => _node.Run(async () =>
    {
        var self = Process.Self;
        var owner = Process.Spawn(async () =>
        {
            var listener = Tcp.Listen(Any);
            Process.Send(self, listener.LocalEndPoint);
            await Process.Receive<TcpAccepted>();
            Process.Send(self, "accepted");
            await Process.Receive<string>();
        });
        var address = await Process.Receive<IPEndPoint>();
        using var client = await Client.Connect(address);
        await Process.Receive<string>();

        Process.Send(owner, "end");

        Assert.Null(await client.Line());
        await Assert.ThrowsAsync<SocketException>(() => Client.Connect(address));
    });

    [Fact]
    public Task Processes_talk_to_each_other_over_a_connection() => _node.Run(async () =>
    {
        var listener = Tcp.Listen(new IPEndPoint(IPAddress.IPv6Any, 0));
        var client = await Tcp.Connect(new IPEndPoint(IPAddress.Loopback, listener.LocalEndPoint.Port));
        var accepted = await Process.Receive<TcpAccepted>();

        await client.Send("hello\n");
        Assert.Equal(new TcpLine(accepted.Socket, "hello"), await Process.Receive<TcpLine>());
        client.Close();
        Assert.Equal(accepted.Socket, (await Process.Receive<TcpClosed>()).Socket);
        Assert.Null(client.RemoteEndPoint);
    });

    [Fact]
    public Task A_port_in_use_is_named() => _node.Run(() =>
    {
        var address = Tcp.Listen(Any).LocalEndPoint;

        var failure = Assert.Throws<SocketException>(() => Tcp.Listen(address));

        Assert.StartsWith($"Cannot listen on {address}: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        return Task.CompletedTask;
    });

    [Fact]
    public async Task A_thousand_connections_are_accepted_served_and_stay_over_a_change_of_body()
    {
        IPEndPoint address = Any;
        var acceptor = default(Pid);
        await _node.Run(async () =>
        {
            acceptor = await GenServer.Start<Acceptor>(await GenServer.Start<Connections>());
            address = await GenServer.Call<IPEndPoint>(acceptor, "where");
        });
        var clients = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Client.Connect(address)));

        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(clients.Select(async (client, i) =>
            {
                await client.Send($"from {i}\n");
                Assert.Equal($"{round} from {i}", await client.Line());
            }));

            // What a change of code does to each process.
            await _node.Run(async () =>
            {
                foreach (var process in Process.Self is var self ? Node.Current.AllProcesses().Where(process => process != self) : [])
                {
                    await Sys.Suspend(process);
                    await Sys.ChangeCode(process, "1");
                    await Sys.Resume(process);
                }
            });
        }

        foreach (var client in clients)
        {
            client.Dispose();
        }
    }
}
