namespace Midflight;

/// <summary>The memory that all sockets together may hold: data waiting to be sent, to be handled, and to be completed.</summary>
/// <remarks>
/// One socket may hold an eighth of what is free. So a few sockets can use as much as their own limits allow, and of many each gets less. The
/// sum never reaches the total: n sockets that take everything they get hold n/(8+n) of it. If many messages arriving at once still fill it,
/// nobody reads any more. A socket that holds nothing has nothing to wake it, so it waits here and is woken to check again.
/// </remarks>
internal sealed class TcpBudget(long bytes)
{
    private const int Shares = 8;

    // How often waiting readers check again. Real time, because they wait for memory of the operating system process.
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    // Under its lock, with the timer.
    private readonly HashSet<TcpReader> _waiting = [];
    private ITimer? _timer;

    private long _used;

    /// <summary>A quarter of the memory that .NET may use here.</summary>
    internal static TcpBudget OfProcess { get; } = new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Bytes held. Any thread.</summary>
    internal long Used => Volatile.Read(ref _used);

    internal long Free => Math.Max(0, bytes - Used);

    /// <summary>Bytes free for sends. The rest is for receiving, so that peers which do not read never keep others from being read.</summary>
    internal long FreeToSend => Math.Max(0, bytes - (bytes / Shares) - Used);

    /// <summary>Bytes that one socket may hold now.</summary>
    internal long Share => Free / Shares;

    internal void Take(long amount) => Interlocked.Add(ref _used, amount);

    /// <summary>Wakes a reader after a while. Any thread.</summary>
    internal void Await(TcpReader reader)
    {
        lock (_waiting)
        {
            if (_waiting.Add(reader) && _waiting.Count == 1)
            {
                _timer ??= TimeProvider.System.CreateTimer(static budget => ((TcpBudget)budget!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(s_again, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Wake()
    {
        TcpReader[] waiting;

        lock (_waiting)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var reader in waiting)
        {
            reader.Wake();
        }
    }
}

/// <summary>What one socket holds of the budget. Owned by the lock of the socket.</summary>
/// <remarks>Two processors may check the budget at the same time and both take from it. So the total can be exceeded by one message or send on each.</remarks>
internal sealed class TcpAccount(TcpBudget budget, TcpOptions options)
{
    // The cost of a message or a send besides its bytes.
    private const int Overhead = 128;

    private long _unhandled;
    private int _buffer;
    private bool _isFull;

    /// <summary>Bytes waiting to be sent.</summary>
    internal long Sending { get; private set; }

    /// <summary>Whether more may be read: the process keeps up, and so does the other side. Once stopped, reading resumes at half.</summary>
    internal bool MayRead()
    {
        var (received, sent) = (Math.Min(options.ReceiveLimit, budget.Share), Math.Min(options.SendLimit / 2, budget.Share));

        if (_isFull)
        {
            (received, sent) = (received / 2, sent / 2);
        }

        // A socket that holds nothing may read as long as anything is free; a share of nothing would block it forever.
        _isFull = (_unhandled > 0 && _unhandled >= received) || (Sending > 0 && Sending >= sent) || budget.Free == 0;
        return !_isFull;
    }

    /// <summary>Whether only the memory held by others keeps this socket from reading.</summary>
    internal bool WaitsForOthers => _unhandled == 0 && Sending == 0 && budget.Free == 0;

    /// <summary>Whether a send may wait here. A send that waits alone may have any size that the budget has room for.</summary>
    internal bool MaySend(int bytes) =>
        bytes + Overhead <= budget.FreeToSend && (Sending == 0 || Sending < Math.Min(options.SendLimit, budget.Share));

    /// <summary>Whether a buffer of this size is allowed for an incomplete message.</summary>
    internal bool MayBuffer(int bytes) => bytes <= budget.Share;

    /// <summary>What a message costs until it is handled.</summary>
    internal static int CostOf(ITcpMessage message) => message switch
    {
        TcpLine { Line: var line } => (line.Length * sizeof(char)) + Overhead,
        TcpData { Bytes: var bytes } => bytes.Length + Overhead,
        _ => 0,
    };

    /// <summary>A message waits for the process, or (if negative) has been taken.</summary>
    internal void Waits(int cost)
    {
        _unhandled += cost;
        budget.Take(cost);
    }

    /// <summary>Bytes wait to be sent, or (if negative) have been sent or given up.</summary>
    internal void Sends(long bytes)
    {
        Sending += bytes;
        budget.Take(bytes);
    }

    /// <summary>The current size of the buffer; the small one that every socket may have counts nothing.</summary>
    internal void Buffers(int bytes)
    {
        var counted = bytes <= TcpFrames.SmallBuffer ? 0 : bytes;
        budget.Take(counted - _buffer);
        _buffer = counted;
    }
}
