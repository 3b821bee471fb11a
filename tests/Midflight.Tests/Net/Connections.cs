using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Midflight.Tests.Net;

/// <summary>The other end of a connection, without Midflight.</summary>
internal sealed class Client : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _lines;

    private Client(Socket socket)
    {
        _socket = socket;
        _lines = new StreamReader(new NetworkStream(socket), Encoding.UTF8);
    }

    internal Socket Socket => _socket;

    internal static async Task<Client> Connect(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address);
        return new Client(socket);
    }

    internal async Task Send(string text)
    {
        for (var rest = (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text); !rest.IsEmpty;)
        {
            rest = rest[await _socket.SendAsync(rest)..];
        }
    }

    internal Task<string?> Line() => _lines.ReadLineAsync();

    public void Dispose() => _socket.Dispose();
}

/// <summary>Answers lines; has a counter, and can be asked to hand its socket over.</summary>
public sealed class Echo : GenServer<Echo.Connection>
{
    public sealed record Connection(TcpSocket Socket, int Count);

    protected override Started<Connection> Init(object? argument) => new Connection((TcpSocket)argument!, 0);

    protected override Answer<Connection> HandleInfo(object message, Connection state)
    {
        switch (message)
        {
            case TcpLine(var socket, var line):
                socket.Send($"{state.Count} {line}\n");
                return NoReply(state with { Count = state.Count + 1 });
            case TcpClosed:
                return Stop(ExitReason.Normal, state);
            default:
                return base.HandleInfo(message, state);
        }
    }
}

/// <summary>Starts an <see cref="Echo"/> for each connection under a dynamic supervisor and hands the socket over.</summary>
public sealed class Acceptor : GenServer<Acceptor.Listening>
{
    public sealed record Listening(TcpListener Listener, Pid Connections);

    protected override Started<Listening> Init(object? argument) =>
        new Listening(Tcp.Listen(new IPEndPoint(IPAddress.Loopback, 0)), (Pid)argument!);

    protected override Answer<Listening> HandleCall(object request, Listening state) => Reply(state.Listener.LocalEndPoint, state);

    protected override async ValueTask<Answer<Listening>> HandleInfoAsync(object message, Listening state)
    {
        if (message is TcpAccepted(_, var socket))
        {
            socket.ControllingProcess(
                await DynamicSupervisor.StartChild(state.Connections, Child.Of<Echo>(socket) with { Restart = Restart.Temporary }));
        }

        return NoReply(state);
    }
}

public sealed class Connections : DynamicSupervisor;
