using System.Net;

namespace MidflightApp;

/// <summary>Listens, and gives each connection a process of its own.</summary>
public sealed class Listener : GenServer<TcpListener>
{
    protected override Started<TcpListener> Init(object? argument) =>
        Tcp.Listen(new IPEndPoint(IPAddress.Loopback, Application.Get("port", 0)));

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
