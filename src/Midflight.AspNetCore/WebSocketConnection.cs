using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Midflight.AspNetCore;

/// <summary>One WebSocket. Its process is given it in <see cref="WebSocketOpened"/>, and each message as a <see cref="WebSocketText"/> or <see cref="WebSocketData"/>.</summary>
public sealed class WebSocketConnection : WebConnection
{
    // How long a client may take to answer a close.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly WebSocketSettings _settings;
    private readonly CancellationTokenSource _end = new();
    private WebSocketCloseStatus _status = WebSocketCloseStatus.Empty;
    private string? _description;

    internal WebSocketConnection(WebSocketSettings settings, string? subProtocol)
        : base(settings.SendLimit, settings.ReceiveLimit) => (_settings, SubProtocol) = (settings, subProtocol);

    /// <summary>The subprotocol that is spoken; null for none.</summary>
    public string? SubProtocol { get; }

    /// <summary>Sends text as one message.</summary>
    /// <returns>
    /// True once it has been handed to the network; false, at once, where as much waits already as <see cref="WebSocketSettings.SendLimit"/> allows, and if the connection has ended or ends
    /// before. After a refusal <see cref="ConnectionWritable"/> comes when there is room again.
    /// </returns>
    /// <remarks>In the order of the calls, whoever calls. Never blocks.</remarks>
    public ValueTask<bool> Send(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Outbox.Add(Encoding.UTF8.GetBytes(text), isText: true);
    }

    /// <summary>Sends bytes as one message. They may be changed after the call.</summary>
    /// <inheritdoc cref="Send(string)"/>
    public ValueTask<bool> Send(ReadOnlyMemory<byte> bytes) => Outbox.Add(bytes.ToArray(), isText: false);

    /// <summary>Closes the connection when what waits has been sent. No <see cref="WebSocketClosed"/> follows.</summary>
    /// <param name="status">What the client is told.</param>
    /// <param name="description">At most 123 bytes as UTF-8. Default: nothing.</param>
    /// <exception cref="ArgumentException">The description is too long.</exception>
    /// <remarks>A process that ends closes it by itself: with 1000 where it has ended as normal, 1001 on a shutdown, else 1011.</remarks>
    public void Close(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? description = null)
    {
        const int Longest = 123;

        if (description is not null && Encoding.UTF8.GetByteCount(description) > Longest)
        {
            throw new ArgumentException($"The description of a close has {Longest} bytes at most.", nameof(description));
        }

        if (!IsLetGo)
        {
            (_status, _description) = (status, description);
            LetGo();
        }
    }

    private protected override void LettingGo()
    {
        if (_status == WebSocketCloseStatus.Empty)
        {
            _status = Ending switch
            {
                null or ExitReason.NormalReason => WebSocketCloseStatus.NormalClosure,
                ExitReason.ShutdownReason => WebSocketCloseStatus.EndpointUnavailable,
                _ => WebSocketCloseStatus.InternalServerError,
            };
        }
    }

    /// <summary>It has not come about.</summary>
    internal void Fail(Exception error) => End(new WebSocketClosed(this, null, null, error));

    /// <summary>Reads and writes until the connection has ended.</summary>
    internal async Task Run(WebSocket socket)
    {
        var writing = Write(socket);
        var closed = await Read(socket).ConfigureAwait(false);

        if (closed.Status is { } status && _status == WebSocketCloseStatus.Empty)
        {
            (_status, _description) = (status, closed.Description);
        }

        End(closed);
        await writing.ConfigureAwait(false);

        // Closed by this side, with more to come: the client is to find the reason, and not a connection that is reset.
        while (socket.State == WebSocketState.CloseSent && (await Discard(socket).ConfigureAwait(false)))
        {
        }

        _end.Dispose();
    }

    private async Task<bool> Discard(WebSocket socket)
    {
        try
        {
            using var room = MemoryPool<byte>.Shared.Rent();
            await socket.ReceiveAsync(room.Memory, _end.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    private async Task<WebSocketClosed> Read(WebSocket socket)
    {
        try
        {
            while (true)
            {
                // Without a buffer: a connection at rest holds none.
                var first = await socket.ReceiveAsync(Memory<byte>.Empty, _end.Token).ConfigureAwait(false);

                if (first.MessageType == WebSocketMessageType.Close)
                {
                    return new(this, socket.CloseStatus, socket.CloseStatusDescription, null);
                }

                if (first.EndOfMessage)
                {
                    await Deliver(first.MessageType, default).ConfigureAwait(false);
                }
                else if (await Receive(socket).ConfigureAwait(false) is { } closed)
                {
                    return closed;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            return new(this, null, null, exception);
        }
    }

    // One message. Null where it was delivered.
    private async Task<WebSocketClosed?> Receive(WebSocket socket)
    {
        const int Small = 4096;
        var buffer = ArrayPool<byte>.Shared.Rent(Small);
        var length = 0;

        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var received = await socket.ReceiveAsync(buffer.AsMemory(length), _end.Token).ConfigureAwait(false);

                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return new(this, socket.CloseStatus, socket.CloseStatusDescription, null);
                }

                length += received.Count;

                if (length > _settings.MaxMessage)
                {
                    (_status, _description) = (WebSocketCloseStatus.MessageTooBig, $"A message has {_settings.MaxMessage} bytes at most.");
                    return new(this, null, null, new InvalidDataException($"The client has sent a message of more than {_settings.MaxMessage} bytes. See WebSocketSettings.MaxMessage."));
                }

                if (received.EndOfMessage)
                {
                    await Deliver(received.MessageType, buffer.AsMemory(0, length)).ConfigureAwait(false);
                    return null;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Task Deliver(WebSocketMessageType type, ReadOnlyMemory<byte> bytes) => Deliver(
        type == WebSocketMessageType.Text ? new WebSocketText(this, Encoding.UTF8.GetString(bytes.Span)) : new WebSocketData(this, bytes.ToArray()), bytes.Length);

    private async Task Write(WebSocket socket)
    {
        using var late = new CancellationTokenSource();

        try
        {
            while (await Outbox.Wait(CancellationToken.None).ConfigureAwait(false))
            {
                while (Outbox.TryTake(out var next))
                {
                    late.CancelAfter(_settings.SendTimeout);
                    var isSent = false;

                    try
                    {
                        await socket.SendAsync(next.Bytes, next.IsText ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, late.Token).ConfigureAwait(false);
                        isSent = true;
                    }
                    finally
                    {
                        if (!isSent)
                        {
                            Outbox.Done(next, false);
                        }
                    }

                    Sent(next);
                }

                late.CancelAfter(Timeout.InfiniteTimeSpan);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                late.CancelAfter(s_farewell);
                _end.CancelAfter(s_farewell);
                await socket.CloseOutputAsync(_status, _description, late.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // Reading ends as well, and tells the process.
            socket.Abort();
        }

        Outbox.Abandon();
    }

    /// <inheritdoc/>
    public override string ToString() => "WebSocket";
}
