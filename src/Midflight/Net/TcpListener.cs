using System.Net;
using System.Net.Sockets;

namespace Midflight;

/// <summary>Accepts connections for a process. It is closed when the process ends.</summary>
/// <remarks>
/// <para>
/// If there is no room (<see cref="TcpOptions.MaxConnections"/>, or the process is close to its limit of open files), it pauses, and
/// new connections wait in the system's backlog. It logs a pause at most once a minute, and logs when it resumes.
/// </para>
/// <code>
/// accepting ── no room ──▶ paused ── a connection of this listener has closed, or 100 ms have passed ──▶ accepting
/// </code>
/// </remarks>
public sealed class TcpListener : IDisposable
{
    // Accepted in one batch before other work gets the thread.
    private const int Batch = 64;

    // How long to wait before asking the system again.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly Cell _owner;
    private readonly TcpOptions _options;
    private readonly TcpAdmission _admission;
    private readonly Acceptor _acceptor;

    // Owned by the lock.
    private ITimer? _pause;
    private bool _isPaused;
    private bool _told;
    private long _pausedAt;
    private readonly Seldom _pauses;
    private readonly Seldom _resets;
    private volatile bool _closed;

    internal TcpListener(Socket socket, Cell owner, TcpOptions options)
    {
        (_socket, _owner, _options) = (socket, owner, options);
        EndPoint = socket.LocalEndPoint!;
        _admission = new(options, GoOn);
        (_pauses, _resets) = (new(owner.Node.Time), new(owner.Node.Time));
        _acceptor = new Acceptor(this);
        owner.Bonds.Owned.Add(this);

        // Not here, because this is a slice of the process.
        ThreadPool.UnsafeQueueUserWorkItem(static listener => listener.Accept(), this, preferLocal: false);
    }

    /// <summary>The address that it listens on, with the port that the system chose.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The same, for a listener on an IP address.</summary>
    /// <exception cref="InvalidOperationException">It listens on a Unix domain socket.</exception>
    public IPEndPoint LocalEndPoint => EndPoint as IPEndPoint ?? throw new InvalidOperationException($"The {this} has no IP address. Read its EndPoint.");

    /// <summary>Stops accepting. Accepted connections are not affected.</summary>
    public void Close()
    {
        ((IDisposable)this).Dispose();
        _owner.Do(owner => owner.Bonds.Owned.Remove(this));
    }

    void IDisposable.Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _pause?.Dispose();

            if (_isPaused)
            {
                _isPaused = false;
                Interlocked.Decrement(ref _owner.Node.PausedListeners);
            }
        }

        _socket.Dispose();
    }

    private void Accept()
    {
        try
        {
            for (var i = 0; i < Batch && !_closed; i++)
            {
                if (!_admission.HasRoom)
                {
                    // Checked again after the pause is set: a place may have become free just before.
                    Pause("its open connections have reached MaxConnections of its TcpOptions");
                    return;
                }

                _acceptor.AcceptSocket = null;

                if (_socket.AcceptAsync(_acceptor) || !Take())
                {
                    return;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static listener => listener.Accept(), this, preferLocal: false);
    }

    // Handles the result of an accept. False: no further accept follows now.
    private bool Take()
    {
        switch (_acceptor.SocketError)
        {
            case SocketError.Success when _acceptor.AcceptSocket is { } accepted:
                var isLast = _owner.Node.Descriptors.IsLast(accepted.SafeHandle.DangerousGetHandle());
                Deliver(accepted);
                return !isLast || !Pause($"nearly all of the {_owner.Node.Descriptors.Limit} files that the system allows are open; raise the limit (`ulimit -n`, LimitNOFILE)");
            case SocketError.OperationAborted or SocketError.Interrupted when _closed:
                return false;
            case SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable:
                return !Pause($"the system has no more sockets ({_acceptor.SocketError}); raise the limit of open files");
            default:
                // That connection is gone; there may be another one.
                return !_closed;
        }
    }

    private void Deliver(Socket accepted)
    {
        EndPoint? remote = null;

        try
        {
            remote = accepted.RemoteEndPoint;
        }
        // Reset while it waited.
        catch (SocketException)
        {
        }

        if (_admission.Admit(remote) is not { } place)
        {
            _owner.Node.Meter.ConnectionRefused();

            if (_resets.IsTime())
            {
                TcpLog.TooManyOfAddress(_owner.Node.Logger, EndPoint, remote, _options.MaxConnectionsPerAddress);
            }

            // Reset, so that nothing of it stays in the system.
            accepted.LingerState = new(true, 0);
            accepted.Dispose();
            return;
        }

        var socket = new TcpSocket(accepted, _owner, _options, place);

        // It is owned before it is known, and known before anything arrives on it.
        _owner.Do(
            owner =>
            {
                owner.Bonds.Owned.Add(socket);
                owner.Enqueue(new Message(new TcpAccepted(this, socket)));
            },
            _ => socket.Close());
        socket.GoOn();
    }

    // Returns true if nothing should be accepted now.
    private bool Pause(string why)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return true;
            }

            if (!_isPaused)
            {
                (_isPaused, _pausedAt) = (true, _owner.Node.Time.GetTimestamp());

                // Told before it is counted: whoever sees the count finds it in the log.
                if (_told = _pauses.IsTime())
                {
                    TcpLog.Paused(_owner.Node.Logger, EndPoint, why);
                }

                Interlocked.Increment(ref _owner.Node.PausedListeners);
            }

            _pause ??= _owner.Node.Time.CreateTimer(static listener => ((TcpListener)listener!).GoOn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _pause.Change(Breath, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    // Something may have become free. Any thread; of several that come at once, one finds the listener paused.
    private void GoOn()
    {
        lock (_lock)
        {
            if (!_isPaused || _closed)
            {
                return;
            }

            if (!_admission.HasRoom || !_owner.Node.Descriptors.HasRoom(_socket.SafeHandle))
            {
                _pause!.Change(Breath, Timeout.InfiniteTimeSpan);
                return;
            }

            _isPaused = false;
            Interlocked.Decrement(ref _owner.Node.PausedListeners);

            if (_told)
            {
                var paused = _owner.Node.Time.GetElapsedTime(_pausedAt);
                TcpLog.GoesOn(_owner.Node.Logger, EndPoint, paused);
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static listener => listener.Accept(), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override string ToString() => $"listener on {EndPoint}";

    private sealed class Acceptor(TcpListener listener) : SocketAsyncEventArgs(true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (listener.Take())
            {
                listener.Accept();
            }
        }
    }
}
