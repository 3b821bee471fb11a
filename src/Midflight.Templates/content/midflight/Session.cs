namespace MidflightApp;

/// <summary>Has a child for each connection.</summary>
public sealed class Sessions : DynamicSupervisor;

/// <summary>Answers the lines of one connection.</summary>
public sealed class Session : GenServer<TcpSocket>
{
    protected override Started<TcpSocket> Init(object? argument) => (TcpSocket)argument!;

    protected override async ValueTask<Answer<TcpSocket>> HandleInfoAsync(object message, TcpSocket socket)
    {
        switch (message)
        {
            case TcpLine(_, var line):
                // Change this text while a client is connected: its next line is answered by the new code.
                await socket.Send($"line {await Counter.Add(line)}: {line}\n");
                return NoReply(socket);
            case TcpClosed:
                return Stop(ExitReason.Normal, socket);
            default:
                return await base.HandleInfoAsync(message, socket);
        }
    }
}
