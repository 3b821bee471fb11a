using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>When what a socket receives is sent to its process: OTP's <c>active</c>.</summary>
public enum TcpMode
{
    /// <summary>As it comes, as long as the process keeps up: see <see cref="TcpOptions.ReceiveLimit"/>.</summary>
    Active,

    /// <summary>One message, then the socket is passive until it is asked for more.</summary>
    Once,

    /// <summary>Not at all; the process asks with <see cref="TcpSocket.Receive"/>.</summary>
    Passive,
}

/// <summary>How the bytes that a socket receives become messages.</summary>
public enum TcpFraming
{
    /// <summary>Each line is a <see cref="TcpLine"/>.</summary>
    Line,

    /// <summary>What has come is a <see cref="TcpData"/>, cut wherever the network cut it.</summary>
    Raw,

    /// <summary>
    /// Each frame is a <see cref="TcpData"/>. A frame is preceded by its length in <see cref="TcpOptions.LengthBytes"/> bytes, the highest
    /// first; <see cref="TcpSocket.Send(ReadOnlyMemory{byte})"/> writes it. OTP's <c>{packet, N}</c>.
    /// </summary>
    Length,
}

/// <summary>How sockets behave. Those that a listener accepts take its options.</summary>
/// <remarks>
/// The defaults keep a node alive whatever the other side does: what waits in either direction is limited for each socket, and for all
/// sockets together to a quarter of the memory that .NET may use, of which one socket gets an eighth of what is free at most.
/// </remarks>
public sealed record TcpOptions
{
    /// <summary>Active, lines of at most 64 KiB.</summary>
    public static TcpOptions Default { get; } = new();

    /// <summary>When what is received is sent to the process. Default: <see cref="TcpMode.Active"/>.</summary>
    public TcpMode Mode { get; init; } = TcpMode.Active;

    /// <summary>How bytes become messages. Default: <see cref="TcpFraming.Line"/>.</summary>
    public TcpFraming Framing { get; init; } = TcpFraming.Line;

    /// <summary>Longest line in bytes, without its end; a longer one closes the socket. Default: 65,536.</summary>
    public int MaxLine
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 64 * 1024;

    /// <summary>Longest frame in bytes with <see cref="TcpFraming.Length"/>; a longer one closes the socket. Default: 1 MiB.</summary>
    public int MaxFrame
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 1024 * 1024;

    /// <summary>Bytes of the length with <see cref="TcpFraming.Length"/>: 1, 2 or 4. Default: 4.</summary>
    public int LengthBytes
    {
        get;
        init => field = value is 1 or 2 or 4 ? value : throw new ArgumentOutOfRangeException(nameof(LengthBytes), value, "A length prefix has 1, 2 or 4 bytes.");
    }

    = 4;

    /// <summary>
    /// Bytes that may wait to be sent. While more than half of it waits, nothing is read from the socket, so a client that does not read
    /// is not read from either; at all of it a send answers false. Default: 1 MiB.
    /// </summary>
    public int SendLimit
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 1024 * 1024;

    /// <summary>
    /// Bytes of messages that may wait for the process, counted as they are in memory. While more waits, nothing is read from the socket.
    /// Default: 256 KiB.
    /// </summary>
    public int ReceiveLimit
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 256 * 1024;

    /// <summary>
    /// How long the other side may take nothing of what waits to be sent; then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: 30 s. <see cref="Timeout.InfiniteTimeSpan"/> for no end.
    /// </summary>
    public TimeSpan SendTimeout
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a line or frame that has begun may take to become whole; then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: 2 minutes. <see cref="Timeout.InfiniteTimeSpan"/> for no end.
    /// </summary>
    public TimeSpan FrameTimeout
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long nothing may come while the socket is read; then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: no end.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = Positive(value);
    }

    = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// After how much silence the system asks whether the other side is still there; where it answers none of four probes, 15 s apart,
    /// the connection ends. Default: 1 minute. <see cref="Timeout.InfiniteTimeSpan"/> for never.
    /// </summary>
    public TimeSpan KeepAlive
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromMinutes(1);

    /// <summary>Connections of one listener that may be open at once; more wait in the system's backlog. Default: no limit but that of open files.</summary>
    public int MaxConnections
    {
        get;
        init => field = AtLeast(1, value);
    }

    = int.MaxValue;

    /// <summary>Connections of one listener from one address (of IPv6: one /64 network) that may be open at once; more are reset. Default: no limit.</summary>
    public int MaxConnectionsPerAddress
    {
        get;
        init => field = AtLeast(1, value);
    }

    = int.MaxValue;

    private static int AtLeast(int least, int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }

    private static TimeSpan Positive(TimeSpan value, [CallerMemberName] string name = "") =>
        value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "A time-out is longer than zero, or Timeout.InfiniteTimeSpan.");
}
