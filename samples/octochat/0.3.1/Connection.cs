using System.Globalization;
using Midflight;

namespace Octochat;

/// <summary>What a connection knows.</summary>
public sealed record Connection(TcpSocket Socket, int Lines, string? Room, int RoomNumber)
{
    public Connection(TcpSocket socket)
        : this(socket, 0, null, 0)
    {
    }

    [Shape("0.3.0")]
    public sealed record V3(TcpSocket Socket, int Lines, string? Room);

    // Broken on purpose: rooms have names, not numbers, so this throws for every connection that is in one.
    [Convert]
    private static Connection From(V3 old) =>
        new(old.Socket, old.Lines, old.Room, old.Room is null ? 0 : int.Parse(old.Room, CultureInfo.InvariantCulture));

    [Convert]
    private static V3 Back(Connection now) => new(now.Socket, now.Lines, now.Room);
}
