using System.Globalization;
using System.Net;
using Midflight;

namespace Bank;

/// <summary>Listens, and gives each connection a process of its own.</summary>
public sealed class Acceptor : GenServer<TcpListener>
{
    protected override Started<TcpListener> Init(object? argument)
    {
        var port = Environment.GetEnvironmentVariable("PORT") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : Application.Get("port", 7700);
        return Tcp.Listen(new IPEndPoint(IPAddress.Loopback, port), backlog: 4096);
    }

    protected override async ValueTask<Answer<TcpListener>> HandleInfoAsync(object message, TcpListener listener)
    {
        if (message is TcpAccepted(_, var socket))
        {
            var session = await DynamicSupervisor.StartChild("sessions", Child.Of<Session>(socket) with { Restart = Restart.Temporary });
            socket.ControllingProcess(session);
        }

        return NoReply(listener);
    }
}
