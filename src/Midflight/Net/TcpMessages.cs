namespace Midflight;

/// <summary>A listener has accepted a connection. The receiving process owns the socket, until it hands it over.</summary>
public sealed record TcpAccepted(TcpListener Listener, TcpSocket Socket);

/// <summary>A line has come.</summary>
/// <param name="Socket">From where.</param>
/// <param name="Line">Without its end (LF or CR LF), decoded as UTF-8; what is no UTF-8 becomes U+FFFD.</param>
public sealed record TcpLine(TcpSocket Socket, string Line) : ITcpMessage;

/// <summary>Bytes have come.</summary>
public sealed record TcpData(TcpSocket Socket, ReadOnlyMemory<byte> Bytes) : ITcpMessage;

/// <summary>The connection has ended, and not by <see cref="TcpSocket.Close"/>.</summary>
/// <param name="Socket">Which.</param>
/// <param name="Error">Null if the other side closed it in order.</param>
public sealed record TcpClosed(TcpSocket Socket, Exception? Error) : ITcpMessage;

/// <summary>What a socket sends to its process.</summary>
internal interface ITcpMessage
{
    public TcpSocket Socket { get; }
}
