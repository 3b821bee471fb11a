using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Midflight;

/// <summary>Where processes run: their table, names, timers, log and code.</summary>
/// <remarks>
/// An operating system process usually has one node. Several, as in tests, share the scheduler's threads and nothing else.
/// </remarks>
public sealed class Node : IAsyncDisposable
{
    // The running nodes, oldest first. The list keeps none of them in memory. Guarded by its lock.
    private static readonly List<WeakReference<Node>> s_running = [];

    // Usually the first of them.
    private static volatile Node? s_default;

    /// <summary>Creates a node without hot code.</summary>
    /// <param name="logger">Receives crash reports and warnings. Default: none.</param>
    /// <param name="time">The clock of its timers and time-outs. Default: the system's.</param>
    public Node(ILogger? logger = null, TimeProvider? time = null)
        : this(logger, time, null)
    {
    }

    /// <param name="logger">Receives crash reports and warnings.</param>
    /// <param name="time">The clock of its timers and time-outs.</param>
    /// <param name="factories">Creates what constructs the modules of one code version.</param>
    /// <param name="isHidden">Whether code outside processes never gets it as the current node, and the meter does not show it.</param>
    internal Node(ILogger? logger, TimeProvider? time, Func<ModuleFactory>? factories, bool isHidden = false)
    {
        (Factories, Modules) = (factories, new ModuleTable(factories));
        Time = time ?? TimeProvider.System;
        Log = new(logger ?? NullLogger.Instance, Time);
        Timers = new Timers(Time);
        Monitor = new NodeMonitor(this);
        Meter = new NodeMeter(this, isHidden);
        Applications = new ApplicationController(this);

        if (!isHidden)
        {
            lock (s_running)
            {
                s_running.Add(new(this));
                s_default ??= this;
            }
        }
    }

    /// <summary>The node of the calling process. Outside processes, the oldest node that is still running.</summary>
    /// <exception cref="InvalidOperationException">There is no node.</exception>
    public static Node Current => Cell.Current?.Node ?? s_default
        ?? throw new InvalidOperationException("There is no node here. Make one with `new Node()`, or call this from a process.");

    /// <summary>Where the node and its processes log.</summary>
    public ILogger Logger => Log;

    /// <summary>The same, and the last of what it was told.</summary>
    internal LogTail Log { get; }

    /// <summary>The node's clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>How many processes are alive.</summary>
    public int ProcessCount => Processes.Count;

    /// <summary>The processes that are alive, in no particular order. Some may have ended by the time you look at them.</summary>
    public IReadOnlyList<Pid> AllProcesses() => [.. Processes.All().Select(cell => cell.Pid)];

    /// <summary>The applications of this node.</summary>
    public ApplicationController Applications { get; }

    /// <summary>Raised for every process that ends abnormally, in that process's slice.</summary>
    internal event Action<Cell, ExitReason>? Crashed;

    internal void OnCrashed(Cell cell, ExitReason reason)
    {
        Crashed?.Invoke(cell, reason);
        Meter.Crashed(cell.Body?.ModuleName);
    }

    /// <summary>What the node watches its processes for.</summary>
    public NodeMonitor Monitor { get; }

    internal NodeMeter Meter { get; }

    // Open TCP connections. Interlocked.
    internal int Connections;

    /// <summary>The connections that are open.</summary>
    internal ConcurrentDictionary<IOpenSocket, bool> Sockets { get; } = new(ReferenceEqualityComparer.Instance);

    // Listeners that accept no connections for now, because there is no room. Interlocked.
    internal int PausedListeners;

    /// <summary>The memory that its sockets may hold.</summary>
    internal TcpBudget TcpBudget { get; init; } = TcpBudget.OfProcess;

    /// <summary>The open files that it may have.</summary>
    internal Descriptors Descriptors { get; init; } = Descriptors.OfProcess;

    internal ProcessTable Processes { get; } = new();

    internal NameTable Names { get; } = new();

    /// <summary>The tables that have a name.</summary>
    internal ConcurrentDictionary<string, TableStore> Tables { get; } = new();

    internal ConcurrentDictionary<string, RegistryStore> Registries { get; } = new();

    internal ConcurrentDictionary<string, PersistentSlot> Persistent { get; } = new();

    /// <summary>How many partitions there are, by the name of their supervisor.</summary>
    internal ConcurrentDictionary<string, int> Partitions { get; } = new();

    /// <summary>Process groups, by scope.</summary>
    internal ConcurrentDictionary<string, ProcessGroups> Groups { get; } = new();

    /// <summary>What holds values of hot code outside processes.</summary>
    internal HotStores Stores { get; } = new();

    /// <summary>Lets suspended processes continue when others need them; null unless processes are being suspended together. Written by the code that suspends them.</summary>
    internal volatile Standstill? Standstill;

    internal Timers Timers { get; }

    /// <summary>Creates what constructs the modules of one code version. Null: their constructors have no parameters.</summary>
    internal Func<ModuleFactory>? Factories { get; }

    internal ModuleTable Modules { get; }

    /// <summary>Its hot code; null if it has none.</summary>
    internal CodeControl? Code { get; set; }

    /// <summary>Kills all processes, including those of applications that are being stopped.</summary>
    internal void Kill()
    {
        foreach (var cell in Processes.All())
        {
            cell.Kill();
        }
    }

    /// <summary>Runs a function as a process of this node and waits for its end.</summary>
    /// <returns>A task that fails with what the function threw.</returns>
    public async Task Run(Func<Task> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Process.Start(
            new Next.Plain(
                async () =>
                {
                    try
                    {
                        await function();
                        done.TrySetResult();
                    }
                    // The caller gets it.
                    catch (Exception exception)
                    {
                        done.TrySetException(exception);
                    }
                },
                true),
            prepare: cell => cell.Bonds.Owned.Add(new Ended(done)),
            node: this);
        await done.Task.ConfigureAwait(false);
    }

    /// <summary>Stops the applications in reverse order, then ends the remaining processes, and waits for their end.</summary>
    /// <remarks>A process whose handler blocks its thread cannot be ended. The wait for it ends after 5 s.</remarks>
    public async ValueTask DisposeAsync()
    {
        await Applications.StopAll().ConfigureAwait(false);
        IsClosing = true;
        var closing = new Closing();

        foreach (var cell in Processes.All())
        {
            if (cell != Cell.Current)
            {
                closing.Wait();
                cell.Do(owner => owner.Bonds.Owned.Add(closing), _ => closing.Dispose());
            }

            cell.Kill();
        }

        closing.Dispose();

        try
        {
            // Real time, whatever the node's clock: this waits for threads.
            await closing.All.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System).ConfigureAwait(false);
        }
        // See the remarks.
        catch (TimeoutException)
        {
        }

        Timers.Dispose();
        Monitor.Dispose();
        Meter.Dispose();

        lock (s_running)
        {
            s_running.RemoveAll(running => !running.TryGetTarget(out var node) || node == this);

            if (s_default == this)
            {
                s_default = s_running.Select(running => running.TryGetTarget(out var node) ? node : null).FirstOrDefault(node => node is not null);
            }
        }
    }

    /// <summary>Whether processes that start now end at once.</summary>
    internal bool IsClosing { get; private set; }

    // Each process disposes it last, when it has released everything else; the waiting code disposes it once.
    private sealed class Closing : IDisposable
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = 1;

        internal Task All => _all.Task;

        internal void Wait() => Interlocked.Increment(ref _left);

        public void Dispose()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _all.SetResult();
            }
        }
    }

    private sealed class Ended(TaskCompletionSource done) : IDisposable
    {
        public void Dispose() => done.TrySetException(new ExitException(ExitReason.Killed));
    }
}
