using Microsoft.Extensions.Logging;
using Midflight;

namespace Octochat;

/// <summary>Answers the lines of one connection, counts them, and passes on what is said in its room.</summary>
public sealed class Echo : GenServer<Connection>
{
    protected override Started<Connection> Init(object? argument) => new Connection((TcpSocket)argument!);

    protected override Answer<Connection> HandleInfo(object message, Connection connection) => message switch
    {
        TcpLine(_, var line) => Handle(line.Split(' ', 2), line, connection),
        Rooms.Heard(var room, var text) => Say($"[{room}] {text}", connection),
        TcpClosed => Close(connection),
        _ => base.HandleInfo(message, connection),
    };

    private static Answer<Connection> Handle(string[] words, string line, Connection connection)
    {
        switch (words)
        {
            case ["?version"]:
                return Say($"version: {Release.Number}", connection);
            case ["?count"]:
                return Say($"lines: {connection.Lines}", connection);
            case ["/join", var room]:
                Rooms.Join(room);
                return Say($"joined: {room}", connection with { Room = room });
            case ["/say", _] when connection.Room is null:
                return Say("join a room first: /join ROOM", connection);
            case ["/say", var text]:
                Rooms.Say(text);
                return Say($"said: {text}", connection);
            default:
                return Say($"echo: {line}", connection with { Lines = connection.Lines + 1 });
        }
    }

    private static Answer<Connection> Say(string line, Connection connection)
    {
        connection.Socket.Send(line + "\n");
        return NoReply(connection);
    }

    private static Answer<Connection> Close(Connection connection)
    {
        Node.Current.Logger.LogInformation("Connection {Pid} closes after {Lines} lines.", Process.Self, connection.Lines);
        return Stop(ExitReason.Normal, connection);
    }
}
