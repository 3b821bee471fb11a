namespace Midflight.AspNetCore;

/// <summary>A client that stays connected, owned by a process. It stays so over every change of code, and is let go when its process ends.</summary>
/// <remarks>
/// What waits on it is Midflight's, so a connection at rest keeps no code version in use. What comes is sent to the process as messages, to
/// <c>HandleInfo</c> of a server.
/// </remarks>
public abstract class WebConnection : IDisposable, IOpenSocket
{
    private readonly int _receiveLimit;
    private readonly Lock _lock = new();

    // Bytes of messages that the process has not taken yet, and who waits until it has. Owned by the lock.
    private long _waiting;
    private TaskCompletionSource? _room;

    private volatile Cell? _owner;
    private volatile bool _isLetGo;

    private protected WebConnection(int sendLimit, int receiveLimit) => (Outbox, _receiveLimit) = (new(sendLimit), receiveLimit);

    /// <summary>Bytes that wait to be sent, because the client does not take them as fast as they come.</summary>
    public long PendingBytes => Outbox.Bytes;

    private protected Outbox Outbox { get; }

    /// <summary>Whether the process has closed it, or has ended.</summary>
    private protected bool IsLetGo => _isLetGo;

    /// <summary>Why the process ended that owns it; null where it has not.</summary>
    private protected ExitReason? Ending => _owner?.Ending;

    /// <summary>The other side, as shown to people.</summary>
    internal string? Remote { get; set; }

    string IOpenSocket.Kind => this is WebSocketConnection ? "WebSocket" : "event stream";

    string? IOpenSocket.Remote => Remote;

    Cell? IOpenSocket.OwnerCell => _owner;

    long IOpenSocket.Unsent => PendingBytes;

    /// <summary>Says whose it is. Before anything is delivered.</summary>
    internal void Own(Cell owner)
    {
        _owner = owner;
        owner.Node.Sockets[this] = true;
        owner.Do(cell => cell.Bonds.Owned.Add(this), _ => Dispose());
    }

    /// <summary>Lets the client go when what waits has been sent. Nothing comes from it any more.</summary>
    /// <remarks>Called when the process that owns it ends.</remarks>
    public void Dispose()
    {
        if (!_isLetGo)
        {
            LetGo();
            GC.SuppressFinalize(this);
        }
    }

    /// <inheritdoc cref="Dispose"/>
    private protected void LetGo()
    {
        _isLetGo = true;
        LettingGo();
        Outbox.Close();
        _owner?.Node.Sockets.TryRemove(this, out _);
        _owner?.Do(cell => cell.Bonds.Owned.Remove(this));

        lock (_lock)
        {
            _room?.TrySetResult();
        }
    }

    /// <summary>It is about to be let go: what is said to the client last.</summary>
    private protected virtual void LettingGo()
    {
    }

    /// <summary>Sends the process something that has come.</summary>
    /// <param name="message">What.</param>
    /// <param name="bytes">How much it is.</param>
    /// <returns>Done when the process keeps up, and more may be read.</returns>
    private protected Task Deliver(object message, int bytes)
    {
        const int Overhead = 128;

        if (_isLetGo)
        {
            return Task.CompletedTask;
        }

        var cost = bytes + Overhead;
        Task room;

        lock (_lock)
        {
            _waiting += cost;
            room = _waiting < _receiveLimit ? Task.CompletedTask : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        _owner!.Post(new FromClient(this, message, cost));
        return room;
    }

    /// <summary>A message was sent: says so where one has been refused before.</summary>
    private protected void Sent(Outgoing one)
    {
        if (Outbox.Done(one, true) && !_isLetGo)
        {
            _owner!.Send(new ConnectionWritable(this));
        }
    }

    /// <summary>The connection has ended by itself: says so to the process, unless that has let it go.</summary>
    private protected void End(object closed)
    {
        _ = Deliver(closed, 0);
        Outbox.Abandon();
        _owner?.Node.Sockets.TryRemove(this, out _);
        _owner?.Do(cell => cell.Bonds.Owned.Remove(this));
    }

    private void Taken(int cost)
    {
        lock (_lock)
        {
            _waiting -= cost;

            if (_waiting <= _receiveLimit / 2)
            {
                _room?.TrySetResult();
                _room = null;
            }
        }
    }

    private sealed class FromClient(WebConnection connection, object content, int cost) : Message(content)
    {
        internal override void Taken() => connection.Taken(cost);

        internal override void Undeliverable(ExitReason? reason) => Taken();
    }
}

/// <summary>There is room again for what a process sends, after a send was refused.</summary>
/// <param name="Connection">Where.</param>
public sealed record ConnectionWritable(WebConnection Connection);
