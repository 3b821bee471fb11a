namespace Midflight.AspNetCore;

/// <summary>How WebSockets behave. The defaults keep a program alive whatever its clients do.</summary>
public sealed record WebSocketSettings
{
    /// <summary>Longest message of a client in bytes; a longer one closes the connection (1009). Default: 1 MiB.</summary>
    public int MaxMessage { get; init; } = 1024 * 1024;

    /// <summary>Bytes that may wait to be sent; a send beyond that answers false. Default: 1 MiB.</summary>
    public int SendLimit { get; init; } = 1024 * 1024;

    /// <summary>Bytes of messages that may wait for the process. While more waits, nothing is read from the client. Default: 256 KiB.</summary>
    public int ReceiveLimit { get; init; } = 256 * 1024;

    /// <summary>How long a client may take nothing of a message that is sent to it; then the connection ends. Default: 30 s.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how much silence the client is sent a ping. Default: 30 s. <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to answer that; then the connection ends. Default: 30 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether messages are compressed where the client can. Default: no, as secrets beside what an attacker chooses can be guessed from their length.</summary>
    public bool Compression { get; init; }

    /// <summary>The subprotocols that are spoken, the best first. The first that the client has asked for is taken. Default: none.</summary>
    // Copied: what a compiler makes of a list may be a type of hot code, and connections keep their settings.
    public IReadOnlyList<string> SubProtocols
    {
        get;
        init => field = value.ToArray();
    }

    = [];
}
