using System.Net;
using System.Net.Sockets;
using Midflight.Testing;
using Midflight.Tests.Processes;

namespace Midflight.Tests.Net;

/// <summary>What a socket holds and waits for has an end, whatever the other side does.</summary>
public sealed class TcpLimitTests : ProcessTest
{
    private static readonly IPEndPoint Any = new(IPAddress.Loopback, 0);

    private static async Task<(TcpSocket Socket, Client Client)> Connect(TcpOptions options)
    {
        var listener = Tcp.Listen(Any, options: options);
        var connecting = Client.Connect(listener.LocalEndPoint);
        var accepted = await Process.Receive<TcpAccepted>();
        listener.Close();
        var client = await connecting;

        // Else the system would take megabytes.
        (client.Socket.ReceiveBufferSize, client.Socket.SendBufferSize) = (1 << 16, 1 << 16);
        return (accepted.Socket, client);
    }

    // Sends until the system takes no more at once.
    private static ValueTask<bool> Fill(TcpSocket socket, int size = 100_000)
    {
        var line = new byte[size];

        while (true)
        {
            if (socket.Send(line) is { IsCompleted: false } waits)
            {
                return waits;
            }
        }
    }

    [Fact]
    public Task A_send_beyond_the_limit_answers_false_and_sends_nothing() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { SendLimit = 500_000 });
        var first = Fill(socket);

        // The system may still take a little between two of them.
        while (socket.Send(new byte[100_000]) is not { IsCompletedSuccessfully: true, Result: false })
        {
            Assert.InRange(socket.PendingBytes, 0, 600_000);
        }

        var reading = Task.Run(async () =>
        {
            var buffer = new byte[1 << 20];

            while (await client.Socket.ReceiveAsync(buffer) > 0)
            {
            }
        });

        Assert.True(await first);
        await Until(() => socket.PendingBytes == 0);
        Assert.True(await socket.Send("yes\n"));
        socket.Close();
        await reading;
    });

    [Fact]
    public Task A_send_that_waits_alone_may_be_larger_than_the_limit() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { SendLimit = 10 });
        var line = new string('x', 10_000_000);

        var sending = socket.Send(line + "\n");

        Assert.False(sending.IsCompleted);
        Assert.Equal(line, await client.Line());
        Assert.True(await sending);
    });

    [Fact]
    public Task The_connection_ends_where_the_other_side_takes_nothing_for_too_long() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { SendTimeout = TimeSpan.FromSeconds(10) });
        var sending = Fill(socket);
        Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(sending.IsCompleted);

        // The system may still take a little, and the time begins anew.
        TcpClosed? closed;

        while ((closed = await Process.Receive<TcpClosed>(TimeSpan.Zero)) is null)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.Contains("has read none of ", Assert.IsType<TimeoutException>(closed.Error).Message, StringComparison.Ordinal);
        Assert.False(await sending);
        Assert.Equal(0, socket.PendingBytes);
        client.Dispose();
    });

    [Fact]
    public Task Who_does_not_read_is_not_read_from_and_gets_every_answer_when_it_does() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { SendLimit = 1_000_000 });
        var line = new string('x', 50_000);
        const int Lines = 200;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Lines; i++)
            {
                await client.Send($"{i} {line}\n");
            }
        });
        var reading = default(Task);

        for (var i = 0; i < Lines; i++)
        {
            // The answer to what has come is never awaited, as in the example of the README.
            var asked = await Process.Receive<TcpLine>(TimeSpan.Zero);

            while (asked is null)
            {
                // Nothing is read where half of that waits; it may be less again, as the system takes some more.
                if (socket.PendingBytes >= 250_000 && reading is null)
                {
                    reading = Task.Run(async () =>
                    {
                        for (var j = 0; j < Lines; j++)
                        {
                            Assert.Equal($"{j} {line}", await client.Line());
                        }
                    });
                }

                await Task.Yield();
                asked = await Process.Receive<TcpLine>(TimeSpan.Zero);
            }

            _ = socket.Send(asked.Line + "\n");
            Assert.InRange(socket.PendingBytes, 0, 1_000_000);
        }

        Assert.NotNull(reading);
        await reading;
        await sending;
    });

    [Fact]
    public Task What_the_process_does_not_handle_is_not_read() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { ReceiveLimit = 10_000 });
        var self = Process.Self;
        var sending = client.Send(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i}\n")));

        await Until(() => Node.TcpBudget.Used > 0);

        for (var i = 0; i < 20_000; i++)
        {
            Assert.InRange(self.Cell!.QueueLength(), 0, 200);
            Assert.Equal($"{i}", (await Process.Receive<TcpLine>()).Line);
        }

        await sending;
        socket.Close();
    });

    [Fact]
    public Task A_line_that_never_ends_costs_its_connection() => Run(async () =>
    {
        var (socket, client) = await Connect(new() { FrameTimeout = TimeSpan.FromSeconds(10) });
        await client.Send("whole\nbeg");
        await Process.Receive<TcpLine>();
        await client.Send("un");
        Time.Advance(TimeSpan.FromSeconds(9));
        await client.Send("\nnext");
        Assert.Equal("begun", (await Process.Receive<TcpLine>()).Line);
        Time.Advance(TimeSpan.FromSeconds(9));
        await client.Send("\n");
        Assert.Equal("next", (await Process.Receive<TcpLine>()).Line);
        await client.Send("never");

        while (await Process.Receive<TcpClosed>(TimeSpan.Zero) is not { Error: TimeoutException })
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Null(await client.Line());
        Assert.Null(socket.RemoteEndPoint);
    });

    [Fact]
    public Task Silence_ends_a_connection_that_is_to_talk() => Run(async () =>
    {
        var (_, client) = await Connect(new() { IdleTimeout = TimeSpan.FromSeconds(10) });

        for (var i = 0; i < 3; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(9));
            await client.Send("here\n");
            await Process.Receive<TcpLine>();
        }

        TcpClosed? closed = null;

        while ((closed = await Process.Receive<TcpClosed>(TimeSpan.Zero)) is null)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.EndsWith("has sent nothing for 10 s.", Assert.IsType<TimeoutException>(closed.Error).Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task Frames_go_both_ways_with_their_length() => Run(async () =>
    {
        for (var bytes = 1; bytes <= 4; bytes *= 2)
        {
            var options = new TcpOptions { Framing = TcpFraming.Length, LengthBytes = bytes, MaxFrame = 200 };
            var listener = Tcp.Listen(Any, options: options);
            var client = await Tcp.Connect(listener.LocalEndPoint, options);
            var server = (await Process.Receive<TcpAccepted>()).Socket;

            for (var length = 0; length <= 200; length += 40)
            {
                Assert.True(await client.Send(new byte[length]));
                var frame = await Process.Receive<TcpData>();
                Assert.Equal((server, length), (frame.Socket, frame.Bytes.Length));
            }

            Assert.True(await server.Send("answer"));
            Assert.Equal("answer"u8.ToArray(), (await Process.Receive<TcpData>()).Bytes.ToArray());
            listener.Close();
        }
    });

    [Fact]
    public Task A_frame_longer_than_allowed_closes_the_socket_by_its_length_alone() => Run(async () =>
    {
        var (_, client) = await Connect(new() { Framing = TcpFraming.Length, MaxFrame = 1000 });
        var remote = client.Socket.LocalEndPoint;

        await client.Socket.SendAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF });

        Assert.Equal(
            $"A frame of 4294967295 bytes arrived on the socket to {remote}, which allows 1000. Let the other side send shorter frames, or raise MaxFrame in TcpOptions.",
            (await Process.Receive<TcpClosed>()).Error!.Message);
    });

    [Fact]
    public Task More_connections_than_allowed_wait_until_one_closes() => Run(async () =>
    {
        var listener = Tcp.Listen(Any, options: new() { MaxConnections = 2 });
        using var first = await Client.Connect(listener.LocalEndPoint);
        using var second = await Client.Connect(listener.LocalEndPoint);
        using var third = await Client.Connect(listener.LocalEndPoint);
        var accepted = (await Process.Receive<TcpAccepted>()).Socket;
        await Process.Receive<TcpAccepted>();
        await Until(() => Node.PausedListeners == 1);
        await third.Send("waits\n");
        Assert.Null(await Process.Receive<TcpAccepted>(TimeSpan.Zero));

        accepted.Close();

        await Process.Receive<TcpAccepted>();
        Assert.Equal("waits", (await Process.Receive<TcpLine>()).Line);
        Assert.Contains(Logged, line => line.Contains("has stopped accepting for now: its open connections have reached MaxConnections", StringComparison.Ordinal));
        listener.Close();
        Assert.Equal(0, Node.PausedListeners);
    });

    [Fact]
    public Task More_connections_of_one_address_than_allowed_are_reset() => Run(async () =>
    {
        var listener = Tcp.Listen(Any, options: new() { MaxConnectionsPerAddress = 1 });
        using var first = await Client.Connect(listener.LocalEndPoint);
        var accepted = (await Process.Receive<TcpAccepted>()).Socket;

        var gone = await Record.ExceptionAsync(async () =>
        {
            using var second = await Client.Connect(listener.LocalEndPoint);
            await second.Socket.ReceiveAsync(new byte[1]);
        });
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(gone).SocketErrorCode);

        accepted.Close();
        Assert.Null(await first.Line());
        TcpAccepted? next = null;

        while (next is null)
        {
            // Who comes before the place is free is reset as well.
            if (await Record.ExceptionAsync(() => Client.Connect(listener.LocalEndPoint)) is null)
            {
                next = await Process.Receive<TcpAccepted>(TimeSpan.Zero);
            }
        }
    });

    [Fact]
    public async Task Connections_stop_short_of_the_open_files_that_the_system_allows()
    {
        var log = new CapturedLog();
        await using var node = new Node(log) { Descriptors = new(0) };
        await node.Run(async () =>
        {
            var listener = Tcp.Listen(Any);
            using var first = await Client.Connect(listener.LocalEndPoint);
            using var second = await Client.Connect(listener.LocalEndPoint);
            await first.Send("served\n");
            await second.Send("waits\n");

            await Process.Receive<TcpAccepted>();
            Assert.Equal("served", (await Process.Receive<TcpLine>()).Line);
            await Until(() => node.PausedListeners == 1);
            Assert.Null(await Process.Receive<TcpAccepted>(TimeSpan.Zero));
            var refused = await Assert.ThrowsAsync<SocketException>(() => Tcp.Connect(listener.LocalEndPoint).AsTask());
            Assert.Contains("nearly all of the 0 files that the system allows are open", refused.Message, StringComparison.Ordinal);
        });
        Assert.Single(log.Lines, line => line.Message.Contains("nearly all of the 0 files that the system allows are open", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hundred_who_never_read_leave_room_for_others()
    {
        const long Budget = 8 << 20;

        // What sockets that look at once take, and one message of who holds nothing.
        const long Most = Budget + (1 << 20);
        await using var node = new Node() { TcpBudget = new(Budget) };
        await node.Run(async () =>
        {
            var listener = Tcp.Listen(Any);
            var connections = Process.Spawn(async () =>
            {
                while (true)
                {
                    if (await Process.Receive() is TcpLine(var socket, var line))
                    {
                        _ = socket.Send(line + "\n");
                    }
                }
            });
            var greedy = new List<Client>();
            var line = new byte[60_001];
            line.AsSpan().Fill((byte)'x');
            line[^1] = (byte)'\n';

            for (var i = 0; i < 100; i++)
            {
                var client = await Client.Connect(listener.LocalEndPoint);
                (await Process.Receive<TcpAccepted>()).Socket.ControllingProcess(connections);
                greedy.Add(client);
                client.Socket.Blocking = false;

                // All that the system takes.
                while (client.Socket.Send(line, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
                {
                    await Task.Yield();
                }

                Assert.InRange(node.TcpBudget.Used, 0, Most);
            }

            using var modest = await Client.Connect(listener.LocalEndPoint);
            (await Process.Receive<TcpAccepted>()).Socket.ControllingProcess(connections);

            for (var i = 0; i < 1000; i++)
            {
                await modest.Send($"{i}\n");
                Assert.Equal($"{i}", await modest.Line());
                Assert.InRange(node.TcpBudget.Used, 0, Most);
            }

            foreach (var client in greedy)
            {
                client.Dispose();
            }
        });
    }
}
