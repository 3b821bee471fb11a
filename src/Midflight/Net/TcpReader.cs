using System.Globalization;
using System.Net.Sockets;

namespace Midflight;

/// <summary>Reads one socket, without a buffer while there is no data, and turns the data into messages.</summary>
/// <remarks>
/// <para>One thread at a time reads: the one that set <see cref="_reading"/>. It owns the frames. The lock owns everything else.</para>
/// <code>
/// resting ── wanted ──▶ reading ── nothing there ──▶ reading, by the system (a read of no bytes) ── something there ──▶ reading
///                          └── no more wanted, too much waits, closed ──▶ resting
/// </code>
/// <para>
/// A reader that rests because too much waits is woken by whatever reduces that: a message is taken from the mailbox, or the other side reads bytes.
/// Both happen under the lock under which reading was given up, so neither can be missed.
/// </para>
/// </remarks>
internal sealed class TcpReader : SocketAsyncEventArgs
{
    // Reads in one batch before other work gets the thread.
    private const int Batch = 16;

    private readonly TcpSocket _owner;
    private readonly Socket _socket;

    private TcpMode _mode;

    // Passive until it is started, and between two owners.
    private bool _paused = true;
    private bool _abandoned;
    private bool _reading;
    private TaskCompletionSource<object>? _asked;

    // The end of a connection that came between two owners; it must come last.
    private TcpClosed? _ended;

    private readonly TcpFrames _frames;
    private readonly TcpBudget _budget;
    private readonly TcpTimeout _frameTimeout;
    private readonly TcpTimeout _idleTimeout;

    internal TcpReader(TcpSocket owner, Socket socket, TcpOptions options, Node node)
        : base(true)
    {
        (_owner, _socket, _mode) = (owner, socket, options.Mode);
        (_frames, _budget) = (new(options), node.TcpBudget);
        Account = new(_budget, options);
        _frameTimeout = new(node.Time, options.FrameTimeout, this, () => Expired("has not finished what it began to send", options.FrameTimeout));
        _idleTimeout = new(node.Time, options.IdleTimeout, this, () => Expired("has sent nothing", options.IdleTimeout));
    }

    /// <summary>The data that waits here. Under the lock.</summary>
    internal TcpAccount Account { get; }

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
                    ? $"The {_owner} is {_mode}, so what it receives arrives as messages. Make it passive to read from it."
                    : $"The {_owner} is already being read; await that read first.");
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

        _frameTimeout.Dispose();
        _idleTimeout.Dispose();

        if (!_reading)
        {
            LetGo();
        }
    }

    /// <summary>The process has taken a message, or the message is lost. Any thread.</summary>
    internal void Handled(int cost)
    {
        lock (this)
        {
            Account.Waits(-cost);

            if (_reading || !Wanted)
            {
                return;
            }

            _reading = true;
            _idleTimeout.Restart();
        }

        // Not here, because this is a slice of the process.
        ThreadPool.UnsafeQueueUserWorkItem(static reader => reader.Read(), this, preferLocal: false);
    }

    /// <summary>Delivers something to the caller that asked for it, or to the process. Under the lock.</summary>
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

        var cost = TcpAccount.CostOf(message);
        Account.Waits(cost);
        _owner.Owner.Post(new TcpArrival(message, cost));
    }

    // Checked wherever reading might be given up, so that a reader that gives up is woken again.
    private bool Wanted
    {
        get
        {
            if (_paused || _abandoned || (_mode == TcpMode.Passive && _asked is null))
            {
                return false;
            }

            if (Account.MayRead())
            {
                return true;
            }

            if (Account.WaitsForOthers)
            {
                _budget.Await(this);
            }

            return false;
        }
    }

    /// <summary>Reads, if that is wanted and nobody is reading. Any thread.</summary>
    internal void Wake()
    {
        lock (this)
        {
            if (_reading || !Wanted)
            {
                return;
            }

            _reading = true;
            _idleTimeout.Restart();
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

            if (!MakeRoom())
            {
                Stop(new InvalidDataException($"The incomplete message of the {_owner} does not fit into the memory for connections. Raise the limit in TcpOptions."));
                return;
            }

            var read = 0;
            SocketError error;

            try
            {
                read = _socket.Receive(_frames.Room(), SocketFlags.None, out error);
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

            _frames.Came(read);
            Alive();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static reader => reader.Read(), this, preferLocal: false);
    }

    // Leaves the wait to the system. False: there is data again.
    private bool Wait()
    {
        lock (this)
        {
            _frames.Shrink();
            Account.Buffers(_frames.Size);

            if (_frames.IsEmpty)
            {
                _frameTimeout.Stop();
            }
            else if (!_abandoned)
            {
                _frameTimeout.Begin();
            }
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

    /// <summary>Delivers complete messages while they are wanted. False: reading has ended.</summary>
    private bool TakeMessages()
    {
        lock (this)
        {
            while (Wanted)
            {
                if (_frames.Next(_owner) is not { } message)
                {
                    break;
                }

                _frameTimeout.Stop();
                Deliver(message);
            }

            if (_abandoned)
            {
                _reading = false;
                LetGo();
                return false;
            }

            if (!Wanted)
            {
                // The other side is not responsible for how long that takes.
                _frameTimeout.Stop();
                _idleTimeout.Stop();
                _reading = false;
                _frames.Shrink();
                Account.Buffers(_frames.Size);
                return false;
            }
        }

        if (_frames.Fault is { } fault)
        {
            Stop(new InvalidDataException(string.Format(CultureInfo.InvariantCulture, fault, _owner)));
            return false;
        }

        return true;
    }

    // The small buffer is always allowed; a larger one is requested.
    private bool MakeRoom()
    {
        var size = _frames.Wanted;

        if (size == _frames.Size || size <= TcpFrames.SmallBuffer)
        {
            return true;
        }

        lock (this)
        {
            if (!Account.MayBuffer(size))
            {
                return false;
            }

            Account.Buffers(size);
            return true;
        }
    }

    private void Alive()
    {
        lock (this)
        {
            _idleTimeout.Restart();
        }
    }

    private void Expired(string what, TimeSpan after) => _owner.End(new TimeoutException(
        string.Create(CultureInfo.InvariantCulture, $"The other side of the {_owner} {what} for {after.TotalSeconds:0.###} s.")));

    // Nobody reads any more. Under the lock.
    private void LetGo()
    {
        _frames.Return();
        Account.Buffers(0);
        Dispose();
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
