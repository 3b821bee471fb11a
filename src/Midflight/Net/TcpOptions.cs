using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>When a socket's received data is sent to its process: OTP's <c>active</c>.</summary>
public enum TcpMode
{
    /// <summary>As it arrives, while the process keeps up: see <see cref="TcpOptions.ReceiveLimit"/>.</summary>
    Active,

    /// <summary>One message; then the socket is passive until it is asked for more.</summary>
    Once,

    /// <summary>Never; the process asks with <see cref="TcpSocket.Receive"/>.</summary>
    Passive,
}

/// <summary>How the bytes that a socket receives become messages.</summary>
public enum TcpFraming
{
    /// <summary>Each line is a <see cref="TcpLine"/>.</summary>
    Line,

    /// <summary>Received bytes are a <see cref="TcpData"/>, split wherever the network split them.</summary>
    Raw,

    /// <summary>
    /// Each frame is a <see cref="TcpData"/>. Before a frame comes its length in <see cref="TcpOptions.LengthBytes"/> bytes, most significant
    /// first; <see cref="TcpSocket.Send(ReadOnlyMemory{byte})"/> writes it. OTP's <c>{packet, N}</c>.
    /// </summary>
    Length,
}

/// <summary>How sockets behave. Accepted sockets take their listener's options.</summary>
/// <remarks>
/// The defaults keep a node alive whatever the other side does. Waiting data is limited in each direction for each socket. For all
/// sockets together it is limited to a quarter of the memory that .NET may use, and one socket gets at most an eighth of what is free.
/// </remarks>
public sealed record TcpOptions
{
    /// <summary>Active, lines of at most 64 KiB.</summary>
    public static TcpOptions Default { get; } = new();

    /// <summary>When received data is sent to the process. Default: <see cref="TcpMode.Active"/>.</summary>
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

    /// <summary>Size of the length prefix in bytes with <see cref="TcpFraming.Length"/>: 1, 2 or 4. Default: 4.</summary>
    public int LengthBytes
    {
        get;
        init => field = value is 1 or 2 or 4 ? value : throw new ArgumentOutOfRangeException(nameof(LengthBytes), value, "A length prefix has 1, 2 or 4 bytes.");
    }

    = 4;

    /// <summary>
    /// Bytes that may wait to be sent. While more than half of that waits, nothing is read from the socket, so Midflight does not read from a client that
    /// does not read. At the limit, a send returns false. Default: 1 MiB.
    /// </summary>
    public int SendLimit
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 1024 * 1024;

    /// <summary>
    /// Bytes of messages that may wait for the process, by their size in memory. While more waits, nothing is read from the socket.
    /// Default: 256 KiB.
    /// </summary>
    public int ReceiveLimit
    {
        get;
        init => field = AtLeast(1, value);
    }

    = 256 * 1024;

    /// <summary>
    /// How long the other side may read none of the waiting data. Then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: 30 s. <see cref="Timeout.InfiniteTimeSpan"/> means forever.
    /// </summary>
    public TimeSpan SendTimeout
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a line or frame that has started may take to be complete. Then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: 2 minutes. <see cref="Timeout.InfiniteTimeSpan"/> means forever.
    /// </summary>
    public TimeSpan FrameTimeout
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long nothing may arrive while the socket is read. Then the connection ends with a <see cref="TimeoutException"/>.
    /// Default: forever.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = Positive(value);
    }

    = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How much silence passes before the system probes whether the other side is still there. If it answers none of four probes, 15 s apart,
    /// the connection ends. Default: 1 minute. <see cref="Timeout.InfiniteTimeSpan"/> means never.
    /// </summary>
    public TimeSpan KeepAlive
    {
        get;
        init => field = Positive(value);
    }

    = TimeSpan.FromMinutes(1);

    /// <summary>How many connections of one listener may be open at once; more wait in the system's backlog. Default: only limited by open files.</summary>
    public int MaxConnections
    {
        get;
        init => field = AtLeast(1, value);
    }

    = int.MaxValue;

    /// <summary>How many connections of one listener from one address (for IPv6: one /64 network) may be open at once; more are reset. Default: no limit.</summary>
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
