namespace Midflight;

/// <summary>The memory that sockets may hold together: what waits to be sent, to be handled, and to become whole.</summary>
/// <remarks>
/// One socket may hold an eighth of what is free. So a few use as much as their own limits let them, while of many each gets less, and
/// the sum never reaches the whole: n sockets that take all they get hold n/(8+n) of it. Where many messages at once have filled it all the
/// same, nobody reads any more; who holds nothing has nothing that would wake it, and so waits here and is woken to look again.
/// </remarks>
internal sealed class TcpBudget(long bytes)
{
    private const int Shares = 8;

    // How often those who wait look again. Real time: it is memory of the process that they wait for.
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    // Under its lock, with the timer.
    private readonly HashSet<TcpReader> _waiting = [];
    private ITimer? _timer;

    private long _used;

    /// <summary>A quarter of the memory that .NET may use here.</summary>
    internal static TcpBudget OfProcess { get; } = new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Bytes that are held. Any thread.</summary>
    internal long Used => Volatile.Read(ref _used);

    internal long Free => Math.Max(0, bytes - Used);

    /// <summary>What is free for sends. The rest is for what is received, so that those who do not read never keep others from being read.</summary>
    internal long FreeToSend => Math.Max(0, bytes - (bytes / Shares) - Used);

    /// <summary>What one socket may hold now.</summary>
    internal long Share => Free / Shares;

    internal void Take(long amount) => Interlocked.Add(ref _used, amount);

    /// <summary>Wakes a reader in a while. Any thread.</summary>
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
/// <remarks>Two processors may look at the budget at once and both take; so the whole can be passed by what a message or a send takes on each.</remarks>
internal sealed class TcpAccount(TcpBudget budget, TcpOptions options)
{
    // What a message or a send costs besides its bytes.
    private const int Overhead = 128;

    private long _unhandled;
    private int _buffer;
    private bool _isFull;

    /// <summary>Bytes that wait to be sent.</summary>
    internal long Sending { get; private set; }

    /// <summary>Whether more may be read: the process keeps up, and so does the other side. Once not, it is so again at half.</summary>
    internal bool MayRead()
    {
        var (received, sent) = (Math.Min(options.ReceiveLimit, budget.Share), Math.Min(options.SendLimit / 2, budget.Share));

        if (_isFull)
        {
            (received, sent) = (received / 2, sent / 2);
        }

        // Who holds nothing may as long as there is anything: a share of nothing would be nothing for ever.
        _isFull = (_unhandled > 0 && _unhandled >= received) || (Sending > 0 && Sending >= sent) || budget.Free == 0;
        return !_isFull;
    }

    /// <summary>Whether nothing of this socket stands in the way of reading, but what others hold.</summary>
    internal bool WaitsForOthers => _unhandled == 0 && Sending == 0 && budget.Free == 0;

    /// <summary>Whether a send may wait here. One that waits alone may be of any size that the budget has room for.</summary>
    internal bool MaySend(int bytes) =>
        bytes + Overhead <= budget.FreeToSend && (Sending == 0 || Sending < Math.Min(options.SendLimit, budget.Share));

    /// <summary>Whether a buffer of this size may be had for what is not whole yet.</summary>
    internal bool MayBuffer(int bytes) => bytes <= budget.Share;

    /// <summary>What a message costs until it is handled.</summary>
    internal static int CostOf(ITcpMessage message) => message switch
    {
        TcpLine { Line: var line } => (line.Length * sizeof(char)) + Overhead,
        TcpData { Bytes: var bytes } => bytes.Length + Overhead,
        _ => 0,
    };

    /// <summary>A message waits for the process, or (less than nothing) has been taken.</summary>
    internal void Waits(int cost)
    {
        _unhandled += cost;
        budget.Take(cost);
    }

    /// <summary>Bytes wait to be sent, or (less than nothing) have been taken or given up.</summary>
    internal void Sends(long bytes)
    {
        Sending += bytes;
        budget.Take(bytes);
    }

    /// <summary>How large the buffer is now; the small one that every socket may have counts nothing.</summary>
    internal void Buffers(int bytes)
    {
        var counted = bytes <= TcpFrames.SmallBuffer ? 0 : bytes;
        budget.Take(counted - _buffer);
        _buffer = counted;
    }
}
