namespace Midflight;

/// <summary>When what a socket receives is sent to its process: OTP's <c>active</c>.</summary>
public enum TcpMode
{
    /// <summary>As it comes. Whoever sends faster than the process works fills its mailbox.</summary>
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
}

/// <summary>How sockets behave. Those that a listener accepts take its options.</summary>
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
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    }

    = 64 * 1024;
}
