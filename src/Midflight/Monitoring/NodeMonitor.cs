using Microsoft.Extensions.Logging;

namespace Midflight;

/// <summary>Inspects the processes of a node, and warns of those that stand out: Erlang's observer and <c>system_monitor</c>.</summary>
/// <remarks>No request here waits for a process or stops one, so the answers may be slightly out of date.</remarks>
public sealed partial class NodeMonitor : IDisposable
{
    // How often queues are checked.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Node _node;
    private readonly Lock _lock = new();

    // Only while queues are watched: nothing wakes an idle node. Owned by the lock.
    private ITimer? _timer;

    // Numbers of processes that were reported and still have a long queue. Owned by the timer.
    private HashSet<long> _long = [];
    private long _longSchedule = 3000;
    private int _longQueue;
    private int _looking;

    // For collections: the time limit, the watch that reports them, and the last one that was reported.
    private TimeSpan _longCollection = Timeout.InfiniteTimeSpan;
    private int _collectionWatch;
    private WeakReference<NodeMonitor>? _self;
    private long _collection;

    internal NodeMonitor(Node node) => _node = node;

    /// <summary>The limit for a node that runs a release.</summary>
    internal const int LongQueueOfRelease = 100_000;

    /// <summary>
    /// How long a process may keep its thread without a break before a warning is logged, with its module, code version and stack.
    /// Default: 3 s. <see cref="Timeout.InfiniteTimeSpan"/> switches it off.
    /// </summary>
    /// <remarks>
    /// Reported once for each such period, about a millisecond late. By the machine's clock, whatever the node's clock is, because threads are
    /// watched. OTP's <c>long_schedule</c>, which is off unless it is asked for.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public TimeSpan LongSchedule
    {
        get => _longSchedule == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(_longSchedule);
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            }

            _longSchedule = value == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)Math.Ceiling(value.TotalMilliseconds);
        }
    }

    internal long LongScheduleMilliseconds => _longSchedule;

    /// <summary>
    /// How many messages may wait for a process before a warning is logged. 0 switches it off. Default: 100,000 in a node that runs a
    /// release, 0 in any other.
    /// </summary>
    /// <remarks>
    /// Checked every 5 s of the node's clock. A process is reported once, and again only after its queue was shorter than half of the limit. OTP's
    /// <c>long_message_queue</c>, which is off unless it is asked for.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero.</exception>
    public int LongQueue
    {
        get => _longQueue;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);

            lock (_lock)
            {
                _longQueue = value;
                _timer?.Dispose();
                _timer = value == 0 ? null : _node.Time.CreateTimer(static monitor => ((NodeMonitor)monitor!).LookAtQueues(), this, Period, Period);
            }
        }
    }

    /// <summary>
    /// How long a garbage collection may pause all processes before a warning is logged, with its generation and the remaining heap. Default:
    /// 500 ms in a node that runs a release; in any other <see cref="Timeout.InfiniteTimeSpan"/>, which switches it off.
    /// </summary>
    /// <remarks>Reported once for each collection. OTP's <c>long_gc</c> is off unless it is asked for, and concerns one process; here all processes share a heap.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less.</exception>
    public TimeSpan LongCollection
    {
        get => _longCollection;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            }

            lock (_lock)
            {
                _longCollection = value;
                var watch = Interlocked.Increment(ref _collectionWatch);

                if (value != Timeout.InfiniteTimeSpan)
                {
                    _collection = GC.GetGCMemoryInfo(GCKind.Any).Index;
                    CollectionWatch.Begin(_self ??= new(this), watch);
                }
            }
        }
    }

    /// <summary>There was a collection. Called on the finalizer's thread.</summary>
    /// <param name="watch">The watch that reports it.</param>
    /// <returns>Whether the next one should be reported too.</returns>
    internal bool Collected(int watch)
    {
        if (watch != Volatile.Read(ref _collectionWatch))
        {
            return false;
        }

        var collection = GC.GetGCMemoryInfo(GCKind.Any);
        var pause = TimeSpan.Zero;

        foreach (var one in collection.PauseDurations)
        {
            pause = one > pause ? one : pause;
        }

        if (pause >= _longCollection && Interlocked.Exchange(ref _collection, collection.Index) != collection.Index)
        {
            // Not on the finalizer's thread, which a log may block.
            ThreadPool.QueueUserWorkItem(_ => LongCollectionSeen(
                _node.Logger, collection.Index, collection.Generation, (long)pause.TotalMilliseconds, collection.HeapSizeBytes / (1024 * 1024)));
        }

        return true;
    }

    /// <summary>The limit for a node that runs a release.</summary>
    internal static readonly TimeSpan LongCollectionOfRelease = TimeSpan.FromMilliseconds(500);

    /// <summary>How many processes were reported and still have a long queue.</summary>
    internal int LongQueues => _longQueue == 0 ? 0 : _long.Count;

    /// <summary>All processes, ordered by number.</summary>
    /// <param name="sizes">Whether to estimate the sizes of their states, which takes microseconds each, and more for large ones.</param>
    public IReadOnlyList<ProcessSnapshot> Processes(bool sizes = false)
    {
        var names = _node.Names.All.ToLookup(entry => entry.Value, entry => entry.Key);
        return [.. _node.Processes.All().OrderBy(cell => cell.Number).Select(cell => Snapshot(cell, [.. names[cell]], sizes)).OfType<ProcessSnapshot>()];
    }

    /// <summary>The processes with the largest values, largest first.</summary>
    /// <param name="by">The value to sort by. Memory requires looking through the states of all processes.</param>
    /// <param name="count">The most processes to show. Default: 20.</param>
    public IReadOnlyList<ProcessSnapshot> Top(ProcessOrder by, int count = 20) =>
    [
        .. Processes(by == ProcessOrder.Memory).OrderByDescending(process => by switch
        {
            ProcessOrder.Queue => process.QueueLength,
            ProcessOrder.Reductions => process.Reductions,
            ProcessOrder.Memory => process.StateBytes ?? 0,
            _ => throw new ArgumentOutOfRangeException(nameof(by), by, "There is no such order."),
        }).Take(count),
    ];

    // Null if it has ended meanwhile.
    internal static ProcessSnapshot? Snapshot(Cell cell, IReadOnlyList<string> names, bool sizes) => cell.Body is not { } body ? null : new(
        cell.Pid,
        names,
        body.ModuleName,
        body.Version?.ToString(),
        cell.Suspended ? ProcessActivity.Suspended : cell.Busy ? ProcessActivity.Awaiting : cell.Rests ? ProcessActivity.Waiting : ProcessActivity.Running,
        body.Function,
        cell.QueueLength(),
        cell.Reductions,
        sizes ? StateSize.Of(body.State) : null)
    {
        Label = cell.Label,
    };

    private void LookAtQueues()
    {
        var most = _longQueue;

        // A check that takes longer than the period is not overtaken by the next one.
        if (most == 0 || Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return;
        }

        try
        {
            var still = new HashSet<long>();

            foreach (var cell in _node.Processes.All())
            {
                if (cell.QueueLength() < (_long.Contains(cell.Number) ? most / 2 : most))
                {
                    continue;
                }

                still.Add(cell.Number);

                if (!_long.Contains(cell.Number))
                {
                    LongQueueSeen(_node.Logger, cell.Pid, cell.Body?.ModuleName ?? "?", cell.QueueLength(), cell.Body?.Function ?? "?");
                }
            }

            _long = still;
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    /// <summary>Stops all checks. The node does this when it ends.</summary>
    public void Dispose() => (LongQueue, LongCollection) = (0, Timeout.InfiniteTimeSpan);

    [LoggerMessage(EventId = 9, EventName = "LongCollection", Level = LogLevel.Warning,
        Message = "Garbage collection {Index} of generation {Generation} paused all processes for {Milliseconds} ms; the heap has {Megabytes} MB. Keep less in memory, or share large data in a table.")]
    private static partial void LongCollectionSeen(ILogger logger, long index, int generation, long milliseconds, long megabytes);

    [LoggerMessage(EventId = 5, EventName = "LongQueue", Level = LogLevel.Warning,
        Message = "{Length} messages wait for process {Pid} ({Module}), which handles {Function}. Send it fewer, or let more processes share the work.")]
    private static partial void LongQueueSeen(ILogger logger, Pid pid, string module, int length, string function);
}
