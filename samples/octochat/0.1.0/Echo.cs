using Midflight;

namespace Octochat;

/// <summary>What a connection knows.</summary>
public sealed record Connection(TcpSocket Socket);

/// <summary>Answers the lines of one connection.</summary>
public sealed class Echo : GenServer<Connection>
{
    protected override Started<Connection> Init(object? argument) => new Connection((TcpSocket)argument!);

    protected override Answer<Connection> HandleInfo(object message, Connection connection) => message switch
    {
        TcpLine(_, "?version") => Say($"version: {Release.Number}", connection),
        TcpLine(_, var line) => Say($"echo: {line}", connection),
        TcpClosed => Stop(ExitReason.Normal, connection),
        _ => base.HandleInfo(message, connection),
    };

    private static Answer<Connection> Say(string line, Connection connection)
    {
        connection.Socket.Send(line + "\n");
        return NoReply(connection);
    }
}
