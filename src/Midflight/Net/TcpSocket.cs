using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Midflight;

/// <summary>One TCP connection, owned by a process. It stays open across every change of code, and is closed when its process ends.</summary>
/// <remarks>What belongs to the lock says so; the lock is the reader object.</remarks>
public sealed class TcpSocket : IDisposable, IOpenSocket
{
    // How long a closed socket may take to send what waits.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly TcpReader _reader;
    private readonly TcpOptions _options;

    // Among those of its listener; null where it has none.
    private readonly IDisposable? _place;
    private volatile Cell _owner;

    // Made by the first send that the system does not take at once. Owned by the lock.
    private TcpWriter? _writer;
    private ITimer? _linger;
    private bool _closing;
    private bool _closed;

    internal TcpSocket(Socket socket, Cell owner, TcpOptions options, IDisposable? place = null)
    {
        (_socket, _owner, _options, _place) = (socket, owner, options, place);
        socket.Blocking = false;

        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                socket.NoDelay = true;
            }
        }
        catch (SocketException)
        {
            // Reset while it was accepted: the first read says so.
        }

        _reader = new TcpReader(this, socket, options, owner.Node);
        Interlocked.Increment(ref owner.Node.Connections);
        owner.Node.Sockets[this] = true;
    }

    /// <summary>The other side; null once the socket is closed. For a Unix domain socket, the connecting side sees the file that it connected to.</summary>
    public EndPoint? RemoteEndPoint
    {
        get
        {
            try
            {
                return _closed ? null : _socket.RemoteEndPoint;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>Bytes that wait to be sent, because the other side does not read them as fast as they are sent.</summary>
    public long PendingBytes
    {
        get
        {
            lock (_reader)
            {
                return _reader.Account.Sending;
            }
        }
    }

    internal Cell Owner => _owner;

    string IOpenSocket.Kind => "TCP";

    string? IOpenSocket.Remote => RemoteEndPoint?.ToString();

    Cell? IOpenSocket.OwnerCell => _owner;

    long IOpenSocket.Unsent => PendingBytes;

    /// <summary>When received data is sent to the process.</summary>
    public TcpMode Mode
    {
        get => _reader.Mode;
        set => _reader.Mode = value;
    }

    /// <summary>Asks a passive socket for one message.</summary>
    /// <returns>A <see cref="TcpLine"/>, <see cref="TcpData"/> or <see cref="TcpClosed"/>.</returns>
    /// <exception cref="InvalidOperationException">The socket is not passive, or is already being read.</exception>
    public ValueTask<object> Receive() => _reader.Receive();

    /// <summary>Sends text as UTF-8.</summary>
    /// <inheritdoc cref="Send(ReadOnlyMemory{byte})"/>
    [MethodImpl(Inlining.NotIntoHotCode)]
    public ValueTask<bool> Send(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const int OnStack = 1024;

        if (Encoding.UTF8.GetMaxByteCount(text.Length) > OnStack)
        {
            return Send((ReadOnlySpan<byte>)Encoding.UTF8.GetBytes(text));
        }

        Span<byte> bytes = stackalloc byte[OnStack];
        return Send(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>Sends bytes.</summary>
    /// <returns>
    /// True once the system has accepted all bytes. False, at once, if the data that waits has already reached <see cref="TcpOptions.SendLimit"/>, and
    /// if the connection has ended or ends before. A process that waits for the result never sends faster than the other side reads; without waiting,
    /// data queues up here. A refused send sends nothing.
    /// </returns>
    /// <remarks>In the order of the calls, from any process. The bytes may be changed after the call. Never blocks.</remarks>
    /// <exception cref="ArgumentException">A frame is longer than <see cref="TcpOptions.LengthBytes"/> can express.</exception>
    public ValueTask<bool> Send(ReadOnlyMemory<byte> bytes) => Send(bytes.Span);

    private ValueTask<bool> Send(ReadOnlySpan<byte> bytes)
    {
        if (_options.Framing == TcpFraming.Length)
        {
            bytes = TcpFrames.WithLength(bytes, _options.LengthBytes);
        }

        SocketError failure;

        lock (_reader)
        {
            if (_closing)
            {
                return new(false);
            }

            if (_writer is { IsWriting: true } writing)
            {
                return _reader.Account.MaySend(bytes.Length) ? new(writing.Add(bytes)) : Refuse();
            }

            var whole = bytes.Length;
            failure = Push(ref bytes);

            if (failure == SocketError.Success)
            {
                if (bytes.IsEmpty)
                {
                    return new(true);
                }

                if (_reader.Account.MaySend(bytes.Length))
                {
                    _writer ??= new TcpWriter(this, _socket, _reader, new(_owner.Node.Time, _options.SendTimeout, _reader, Stuck));
                    return new(_writer.Add(bytes));
                }

                if (bytes.Length == whole)
                {
                    return Refuse();
                }

                // A piece is gone, and there is no room for the rest: the other side cannot make anything of what would follow.
                failure = SocketError.NoBufferSpaceAvailable;
            }
        }

        End(new SocketException((int)failure));
        return Refuse();
    }

    private ValueTask<bool> Refuse()
    {
        _owner.Node.Meter.SendRefused();
        return new(false);
    }

    private void Stuck() => End(new TimeoutException(
        string.Create(CultureInfo.InvariantCulture, $"The other side of the {this} has read none of {PendingBytes} pending bytes for {_options.SendTimeout.TotalSeconds:0.###} s.")));

    // Gives the system what it takes at once.
    private SocketError Push(ref ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // What has been sent counts even where the rest would block.
            bytes = bytes[_socket.Send(bytes, SocketFlags.None, out var error)..];

            if (error == SocketError.WouldBlock)
            {
                return SocketError.Success;
            }

            if (error != SocketError.Success)
            {
                return error;
            }
        }

        return SocketError.Success;
    }

    /// <summary>Gives the socket to another process, with all of its messages that the calling process has not handled yet.</summary>
    /// <param name="process">The new owner. If it has ended, the socket is closed.</param>
    /// <exception cref="InvalidOperationException">The calling process does not own it.</exception>
    public void ControllingProcess(Pid process)
    {
        var self = Process.Here;
        var next = process.Cell ?? throw new ArgumentException("A socket needs a process, and this pid belongs to none.", nameof(process));

        if (_owner != self)
        {
            throw new InvalidOperationException($"Process {self.Pid} does not own the {this}. Only its owner, {_owner.Pid}, can hand it over.");
        }

        if (next == self)
        {
            return;
        }

        // From here the reader holds back what comes, and what is on its way to this process goes on to the next (TcpArrival).
        _reader.Pause();
        self.Bonds.Owned.Remove(this);
        next.Do(owner => owner.Bonds.Owned.Add(this), _ => Close());
        _owner = next;

        // What has come here already.
        while (self.Mailbox.Dequeue(static (envelope, socket) => envelope is TcpDelivery { Content: ITcpMessage message } && message.Socket == socket, this) is TcpDelivery { Content: ITcpMessage message } delivery)
        {
            next.Post(new TcpArrival(message, delivery.Cost));
        }

        // Comes back when all that was under way has gone past.
        self.Post(new TcpHandedOver(this));
    }

    internal void GoOn() => _reader.GoOn();

    /// <inheritdoc cref="TcpReader.Handled"/>
    internal void Handled(int cost) => _reader.Handled(cost);

    /// <summary>Closes the connection when the waiting data has been sent, but after 5 s at the latest. No <see cref="TcpClosed"/> follows.</summary>
    public void Close()
    {
        Dispose();
        _owner.Do(owner => owner.Bonds.Owned.Remove(this));
    }

    /// <summary>Closes the connection, as <see cref="Close"/> does. Called when the process that owns it ends.</summary>
    public void Dispose()
    {
        lock (_reader)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;

            if (_writer is { IsWriting: true })
            {
                _linger = _owner.Node.Time.CreateTimer(static socket => ((TcpSocket)socket!).Release(), this, Linger, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Release();
    }

    /// <summary>All that waited has been sent.</summary>
    internal void Sent()
    {
        bool release;

        lock (_reader)
        {
            release = _closing;
        }

        if (release)
        {
            Release();
        }
    }

    /// <summary>The connection has ended. Any thread; the first one counts.</summary>
    internal void End(Exception? error)
    {
        lock (_reader)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
            _reader.Deliver(new TcpClosed(this, error));
        }

        Release();
        _owner.Do(owner => owner.Bonds.Owned.Remove(this));
    }

    private void Release()
    {
        lock (_reader)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _writer?.Abandon();
            _reader.Abandon();
        }

        Interlocked.Decrement(ref _owner.Node.Connections);
        _owner.Node.Sockets.TryRemove(this, out _);
        _linger?.Dispose();

        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was not connected any more.
        }

        // A read under way ends with this, and finds the reader abandoned.
        _socket.Dispose();
        _place?.Dispose();
    }

    internal bool IsClosed => _closed;

    /// <inheritdoc/>
    public override string ToString() => RemoteEndPoint is not { } remote ? "closed socket"
        : remote is UnixDomainSocketEndPoint && $"{remote}" is { Length: 0 } ? "socket from a Unix domain socket"
        : $"socket to {remote}";
}
