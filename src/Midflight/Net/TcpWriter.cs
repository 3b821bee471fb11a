using System.Net.Sockets;

namespace Midflight;

/// <summary>Sends what the system does not accept at once: one after another, in the order added.</summary>
/// <remarks>The lock of the socket owns all fields.</remarks>
internal sealed class TcpWriter(TcpSocket owner, Socket socket, TcpReader gate, TcpTimeout timeout)
{
    private readonly Queue<Waiting> _waiting = new();

    internal bool IsWriting { get; private set; }

    /// <summary>Adds bytes after those that wait. Under the lock.</summary>
    internal Task<bool> Add(ReadOnlySpan<byte> bytes)
    {
        var waiting = new Waiting(bytes.ToArray());
        _waiting.Enqueue(waiting);
        gate.Account.Sends(bytes.Length);

        if (!IsWriting)
        {
            IsWriting = true;
            timeout.Restart();

            // Not here, because this is a slice of some process, and under the lock.
            ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.Write(), this, preferLocal: false);
        }

        return waiting.Done.Task;
    }

    /// <summary>Nothing more will be sent. Under the lock.</summary>
    internal void Abandon()
    {
        foreach (var waiting in _waiting)
        {
            waiting.Done.TrySetResult(false);
        }

        _waiting.Clear();
        gate.Account.Sends(-gate.Account.Sending);
        timeout.Stop();
    }

    private async Task Write()
    {
        while (true)
        {
            Waiting? next;

            lock (gate)
            {
                IsWriting = _waiting.TryPeek(out next);

                if (!IsWriting)
                {
                    timeout.Stop();
                }
            }

            if (next is null)
            {
                owner.Sent();
                return;
            }

            try
            {
                for (var rest = (ReadOnlyMemory<byte>)next.Bytes; !rest.IsEmpty;)
                {
                    rest = rest[await socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
                    Alive();
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                Failed(exception);
                return;
            }

            lock (gate)
            {
                if (_waiting.TryDequeue(out _))
                {
                    gate.Account.Sends(-next.Bytes.Length);
                }
            }

            next.Done.TrySetResult(true);

            // It may have rested because too much waited here.
            gate.Wake();
        }
    }

    private void Alive()
    {
        lock (gate)
        {
            if (IsWriting)
            {
                timeout.Restart();
            }
        }
    }

    private void Failed(Exception exception)
    {
        lock (gate)
        {
            Abandon();
            IsWriting = false;
        }

        owner.End(exception);
        owner.Sent();
    }

    private sealed class Waiting(byte[] bytes)
    {
        internal byte[] Bytes => bytes;

        internal TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
