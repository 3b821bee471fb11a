using Microsoft.Extensions.Logging;
using Midflight;

namespace Octochat;

/// <summary>What a connection knows.</summary>
public sealed record Connection(TcpSocket Socket, int Count = 0);

/// <summary>Answers the lines of one connection, and counts them.</summary>
public sealed class Echo : GenServer<Connection>
{
    protected override Started<Connection> Init(object? argument) => new Connection((TcpSocket)argument!);

    protected override Answer<Connection> HandleInfo(object message, Connection connection) => message switch
    {
        TcpLine(_, "?version") => Say($"version: {Release.Number}", connection),
        TcpLine(_, "?count") => Say($"lines: {connection.Count}", connection),
        TcpLine(_, var line) => Say($"echo: {line}", connection with { Count = connection.Count + 1 }),
        TcpClosed => Close(connection),
        _ => base.HandleInfo(message, connection),
    };

    private static Answer<Connection> Say(string line, Connection connection)
    {
        connection.Socket.Send(line + "\n");
        return NoReply(connection);
    }

    private static Answer<Connection> Close(Connection connection)
    {
        Node.Current.Logger.LogInformation("Connection {Pid} closes after {Count} lines.", Process.Self, connection.Count);
        return Stop(ExitReason.Normal, connection);
    }
}
