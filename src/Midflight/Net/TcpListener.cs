using System.Net;
using System.Net.Sockets;

namespace Midflight;

/// <summary>Accepts connections for a process. Closed when that ends.</summary>
public sealed class TcpListener : IDisposable
{
    // Accepted in one go before other work gets the thread.
    private const int Batch = 64;

    // How long to wait when the system has no more sockets.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Cell _owner;
    private readonly TcpOptions _options;
    private readonly Acceptor _acceptor;
    private volatile bool _closed;

    // Waits for the system to have sockets again; touched by the one who accepts.
    private ITimer? _pause;

    internal TcpListener(Socket socket, Cell owner, TcpOptions options)
    {
        (_socket, _owner, _options) = (socket, owner, options);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _acceptor = new Acceptor(this);
        owner.Bonds.Owned.Add(this);

        // Not here: this is a slice of the process.
        ThreadPool.UnsafeQueueUserWorkItem(static listener => listener.Accept(), this, preferLocal: false);
    }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Accepts no more connections; those accepted are not touched.</summary>
    public void Close()
    {
        _closed = true;
        _socket.Dispose();
        _pause?.Dispose();
        _owner.Do(owner => owner.Bonds.Owned.Remove(this));
    }

    void IDisposable.Dispose()
    {
        _closed = true;
        _socket.Dispose();
        _pause?.Dispose();
    }

    private void Accept()
    {
        try
        {
            for (var i = 0; i < Batch && !_closed; i++)
            {
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

    // Takes what an accept came to.
    private bool Take()
    {
        switch (_acceptor.SocketError)
        {
            case SocketError.Success when _acceptor.AcceptSocket is { } accepted:
                Deliver(accepted);
                return true;
            case SocketError.OperationAborted or SocketError.Interrupted when _closed:
                return false;
            case SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable:
                TcpLog.NoMoreSockets(_owner.Node.Logger, LocalEndPoint, _acceptor.SocketError);
                _pause?.Dispose();
                _pause = _owner.Node.Time.CreateTimer(static listener => ((TcpListener)listener!).Accept(), this, Breath, Timeout.InfiniteTimeSpan);
                return false;
            default:
                // That connection is gone; the next one may be there.
                return !_closed;
        }
    }

    private void Deliver(Socket accepted)
    {
        var socket = new TcpSocket(accepted, _owner, _options);

        // Owned before it is known, and known before anything comes from it.
        _owner.Do(
            owner =>
            {
                owner.Bonds.Owned.Add(socket);
                owner.Enqueue(new Message(new TcpAccepted(this, socket)));
            },
            _ => socket.Close());
        socket.GoOn();
    }

    /// <inheritdoc/>
    public override string ToString() => $"listener on {LocalEndPoint}";

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
