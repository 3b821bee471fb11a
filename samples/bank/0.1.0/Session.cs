using Midflight;

namespace Bank;

/// <summary>Serves one connection. Before it answers a line, a teller has booked it.</summary>
public sealed class Session : GenServer<TcpSocket>
{
    protected override Started<TcpSocket> Init(object? argument) => (TcpSocket)argument!;

    protected override async ValueTask<Answer<TcpSocket>> HandleInfoAsync(object message, TcpSocket socket)
    {
        switch (message)
        {
            case TcpLine(_, "?version"):
                _ = socket.Send($"version: {Release.Number}\n");
                return NoReply(socket);
            case TcpLine(_, "?total"):
                _ = socket.Send($"total: {await Vault.Total()}\n");
                return NoReply(socket);
            case TcpLine(_, var line):
                await Teller.Book(line.Length);
                _ = socket.Send($"echo: {line}\n");
                return NoReply(socket);
            case TcpClosed:
                return Stop(ExitReason.Normal, socket);
            default:
                return await base.HandleInfoAsync(message, socket);
        }
    }
}
