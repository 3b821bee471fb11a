using System.Threading.Channels;

namespace Midflight.AspNetCore;

/// <summary>What waits to be written to one client: in the order added, up to a limit.</summary>
internal sealed class Outbox(int limit)
{
    private readonly Channel<Outgoing> _waiting = Channel.CreateUnbounded<Outgoing>(new() { SingleReader = true });
    private long _bytes;

    // -1 from a refusal on until there is room again. Interlocked.
    private int _refused;

    /// <summary>Waiting bytes.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Adds an item. If nothing else waits, it may have any size.</summary>
    /// <returns>True once it has been written; false, at once, if there is no room, or if it will not be written any more.</returns>
    internal ValueTask<bool> Add(byte[] bytes, bool isText)
    {
        var waits = Bytes;

        if (waits > 0 && waits + bytes.Length > limit)
        {
            Volatile.Write(ref _refused, 1);
            return new(false);
        }

        var added = new Outgoing(bytes, isText);
        Interlocked.Add(ref _bytes, bytes.Length);

        if (!_waiting.Writer.TryWrite(added))
        {
            Interlocked.Add(ref _bytes, -bytes.Length);
            return new(false);
        }

        return new(added.Done.Task);
    }

    /// <summary>Nothing more will be added; what waits is still written.</summary>
    internal void Close() => _waiting.Writer.TryComplete();

    /// <summary>Nothing will be written any more.</summary>
    internal void Abandon()
    {
        Close();

        while (_waiting.Reader.TryRead(out var one))
        {
            Interlocked.Add(ref _bytes, -one.Bytes.Length);
            one.Done.TrySetResult(false);
        }
    }

    /// <summary>Waits until there is something.</summary>
    /// <returns>False if there is nothing and nothing more will come.</returns>
    internal ValueTask<bool> Wait(CancellationToken cancellation) => _waiting.Reader.WaitToReadAsync(cancellation);

    internal bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Outgoing? next) => _waiting.Reader.TryRead(out next);

    /// <summary>An item was written, or given up.</summary>
    /// <returns>Whether something was refused before, and there is room now.</returns>
    internal bool Done(Outgoing one, bool isWritten)
    {
        var left = Interlocked.Add(ref _bytes, -one.Bytes.Length);
        one.Done.TrySetResult(isWritten);
        return isWritten && left <= limit / 2 && Interlocked.Exchange(ref _refused, 0) == 1;
    }
}

/// <summary>One of those.</summary>
internal sealed class Outgoing(byte[] bytes, bool isText)
{
    internal byte[] Bytes => bytes;

    internal bool IsText => isText;

    internal TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
