using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace Midflight;

/// <summary>Reads one socket, without a buffer while nothing is there, and makes messages of what comes.</summary>
/// <remarks>
/// <para>One thread at a time reads: the one that set <see cref="_reading"/>. It owns the buffer. All else is owned by the lock.</para>
/// <code>
/// resting ── wanted ──▶ reading ── nothing there ──▶ reading, by the system (a read of no bytes) ── something there ──▶ reading
///                          └── no more wanted, closed ──▶ resting
/// </code>
/// </remarks>
internal sealed class TcpReader : SocketAsyncEventArgs
{
    private const int SmallBuffer = 4096;

    // Reads in one go before other work gets the thread.
    private const int Batch = 16;

    private readonly TcpSocket _owner;
    private readonly Socket _socket;
    private readonly TcpOptions _options;

    private TcpMode _mode;

    // Passive until it is begun, and between two owners.
    private bool _paused = true;
    private bool _abandoned;
    private bool _reading;
    private TaskCompletionSource<object>? _asked;

    // The end of a connection that came between two owners; it is to come last.
    private TcpClosed? _ended;

    // Received and not delivered yet: _count bytes from _start, of which _scanned hold no end of line.
    private byte[]? _buffer;
    private int _start;
    private int _count;
    private int _scanned;

    internal TcpReader(TcpSocket owner, Socket socket, TcpOptions options)
        : base(true) => (_owner, _socket, _options, _mode) = (owner, socket, options, options.Mode);

    internal TcpMode Mode
    {
        get
        {
            lock (this)
            {
                return _mode;
            }
        }

        set
        {
            lock (this)
            {
                _mode = value;
            }

            Wake();
        }
    }

    internal void Pause()
    {
        lock (this)
        {
            _paused = true;
        }
    }

    internal void GoOn()
    {
        lock (this)
        {
            _paused = false;

            if (_ended is { } ended)
            {
                _ended = null;
                Deliver(ended);
            }
        }

        Wake();
    }

    internal ValueTask<object> Receive()
    {
        TaskCompletionSource<object> asked;

        lock (this)
        {
            if (_abandoned)
            {
                return new(new TcpClosed(_owner, null));
            }

            if (_mode != TcpMode.Passive || _asked is not null)
            {
                throw new InvalidOperationException(_asked is null
                    ? $"The {_owner} is {_mode}: what it receives comes as messages. Make it passive to ask it."
                    : $"The {_owner} is being asked already; await that first.");
            }

            _asked = asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Wake();
        return new(asked.Task);
    }

    /// <summary>Nothing will be read any more. Under the lock.</summary>
    internal void Abandon()
    {
        _abandoned = true;
        _asked?.TrySetResult(new TcpClosed(_owner, null));

        if (!_reading)
        {
            Return();
            Dispose();
        }
    }

    /// <summary>Gives something to who asked for it, or to the process. Under the lock.</summary>
    internal void Deliver(ITcpMessage message)
    {
        if (_paused && message is TcpClosed ended)
        {
            _ended = ended;
            return;
        }

        if (_asked is { } asked)
        {
            _asked = null;
            asked.TrySetResult(message);
            return;
        }

        if (_mode == TcpMode.Once)
        {
            _mode = TcpMode.Passive;
        }

        _owner.Owner.Post(new TcpArrival(message));
    }

    private bool Wanted => !_paused && !_abandoned && (_mode != TcpMode.Passive || _asked is not null);

    private void Wake()
    {
        lock (this)
        {
            if (_reading || !Wanted)
            {
                return;
            }

            _reading = true;
        }

        Read();
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => Read();

    private void Read()
    {
        for (var i = 0; i < Batch; i++)
        {
            if (!TakeMessages())
            {
                return;
            }

            Make();
            var read = 0;
            SocketError error;

            try
            {
                read = _socket.Receive(_buffer.AsSpan(_start + _count), SocketFlags.None, out error);
            }
            catch (ObjectDisposedException)
            {
                error = SocketError.OperationAborted;
            }

            if (error == SocketError.WouldBlock)
            {
                if (Wait())
                {
                    return;
                }
            }
            else if (error != SocketError.Success || read == 0)
            {
                Stop(error == SocketError.Success ? null : new SocketException((int)error));
                return;
            }

            _count += read;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static reader => reader.Read(), this, preferLocal: false);
    }

    // Hands the waiting to the system. False: there is something again.
    private bool Wait()
    {
        if (_count == 0)
        {
            Return();
        }

        try
        {
            return _socket.ReceiveAsync(this);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Delivers what is complete, as long as it is wanted. False: reading has ended.</summary>
    private bool TakeMessages()
    {
        lock (this)
        {
            while (Wanted)
            {
                if (Next() is not { } message)
                {
                    break;
                }

                Deliver(message);
            }

            if (_abandoned)
            {
                _reading = false;
                Return();
                Dispose();
                return false;
            }

            if (!Wanted)
            {
                _reading = false;

                if (_count == 0)
                {
                    Return();
                }

                return false;
            }
        }

        if (_count - LineEnd > _options.MaxLine && _options.Framing == TcpFraming.Line)
        {
            Stop(new InvalidDataException(
                $"A line of more than {_options.MaxLine} bytes came through the {_owner}. Let the other side send shorter ones, or raise MaxLine of the TcpOptions."));
            return false;
        }

        return true;
    }

    // A carriage return that may be the first half of a line's end is not part of the line.
    private int LineEnd => _count > 0 && _buffer![_start + _count - 1] == '\r' ? 1 : 0;

    private ITcpMessage? Next()
    {
        if (_count == 0)
        {
            return null;
        }

        var bytes = _buffer.AsSpan(_start, _count);

        if (_options.Framing == TcpFraming.Raw)
        {
            Skip(bytes.Length);
            return new TcpData(_owner, bytes.ToArray());
        }

        var end = bytes[_scanned..].IndexOf((byte)'\n');

        if (end < 0)
        {
            _scanned = _count;
            return null;
        }

        end += _scanned;
        var line = bytes[..(end > 0 && bytes[end - 1] == '\r' ? end - 1 : end)];

        if (line.Length > _options.MaxLine)
        {
            // Seen as too long by who reads on.
            _scanned = _count;
            return null;
        }

        Skip(end + 1);
        return new TcpLine(_owner, Encoding.UTF8.GetString(line));
    }

    private void Skip(int bytes) => (_start, _count, _scanned) = (_start + bytes, _count - bytes, 0);

    // Room for at least one byte more.
    private void Make()
    {
        if (_buffer is null)
        {
            (_buffer, _start) = (ArrayPool<byte>.Shared.Rent(SmallBuffer), 0);
            return;
        }

        if (_count == 0)
        {
            _start = 0;
        }

        if (_start + _count < _buffer.Length)
        {
            return;
        }

        // Moved to the front where that makes much room, else to a larger one.
        var target = _start >= _buffer.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, _count).CopyTo(target);

        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
    }

    private void Return()
    {
        if (_buffer is { } buffer)
        {
            (_buffer, _start, _count, _scanned) = (null, 0, 0, 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Stop(Exception? error)
    {
        lock (this)
        {
            _reading = false;
        }

        _owner.End(error);
    }
}
