using Midflight;

namespace Octochat;

/// <summary>What a connection knows.</summary>
public sealed record Connection(TcpSocket Socket, int Lines = 0, string? Room = null)
{
    // Until 0.3 the lines were called Count.
    [Shape("0.2")]
    public sealed record V2(TcpSocket Socket, int Count);

    [Convert]
    private static Connection From(V2 old) => new(old.Socket, old.Count);

    [Convert]
    private static V2 Back(Connection now) => new(now.Socket, now.Lines);
}
