namespace Midflight;

/// <summary>A listener has accepted a connection. The receiving process owns the socket until it hands it over.</summary>
public sealed record TcpAccepted(TcpListener Listener, TcpSocket Socket);

/// <summary>A line has arrived.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Line">Without its end (LF or CR LF), decoded as UTF-8; invalid bytes become U+FFFD.</param>
public sealed record TcpLine(TcpSocket Socket, string Line) : ITcpMessage;

/// <summary>Bytes have arrived.</summary>
public sealed record TcpData(TcpSocket Socket, ReadOnlyMemory<byte> Bytes) : ITcpMessage;

/// <summary>The connection has ended, but not because of <see cref="TcpSocket.Close"/>.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Error">Null if the other side closed it normally.</param>
public sealed record TcpClosed(TcpSocket Socket, Exception? Error) : ITcpMessage;

/// <summary>What a socket sends to its process.</summary>
internal interface ITcpMessage
{
    public TcpSocket Socket { get; }
}
