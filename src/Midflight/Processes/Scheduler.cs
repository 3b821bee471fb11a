using System.Collections.Concurrent;

namespace Midflight;

/// <summary>Runs processes on a few threads, one for each processor, for all nodes of this operating system process.</summary>
/// <remarks>
/// <para>
/// A <see cref="Worker"/> is a run queue and the thread that serves it. A process made ready by a worker goes to its own
/// queue, one made ready elsewhere (a socket, a timer, another thread) to the common queue. A worker with nothing to do
/// steals, then looks around for a few microseconds, then parks.
/// </para>
/// <para>
/// Parking races with new work: the parker says so first and looks once more; whoever adds work looks for
/// parked workers afterwards. Both with a full fence between, so one of the two sees the other.
/// </para>
/// <para>
/// A handler may block its thread. The watch sees a worker that is in the same slice at two ticks while work waits, and
/// puts another worker in its place (as Go hands a processor off from a thread in a system call). The blocked one keeps
/// its queue, since only it may add there; the watch empties it until the thread comes back and retires to the spares.
/// </para>
/// </remarks>
internal static class Scheduler
{
    private static readonly int WorkerCount = Environment.ProcessorCount;

    // Those that serve; only the watch replaces one.
    private static readonly Worker[] Workers = new Worker[WorkerCount];
    private static readonly ConcurrentQueue<Cell> Common = new();
    private static readonly ConcurrentStack<Worker> Spares = new();

    private static int s_parked;
    private static int s_searching;

    [ThreadStatic]
    private static Worker? t_worker;

    static Scheduler()
    {
        for (var i = 0; i < WorkerCount; i++)
        {
            Workers[i] = new Worker();
        }

        foreach (var worker in Workers)
        {
            Start(worker);
        }

#pragma warning disable RS0030 // It runs no code of an application.
        new Thread(Watch) { IsBackground = true, Name = "Midflight watch" }.UnsafeStart();
#pragma warning restore RS0030
    }

    /// <summary>Queues a process that has something to do. The caller owns it until now.</summary>
    internal static void Ready(Cell cell)
    {
        if (cell.IsErrand)
        {
            ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: true);
            return;
        }

        if (t_worker is { } worker)
        {
            var displaced = worker.Queue.PutNext(cell);

            // It is alone in the queue and runs as soon as this slice ends, so it is not worth waking another processor. If the slice
            // is long, the watch wakes one.
            if (displaced is null && worker.Queue.Count == 0)
            {
                return;
            }

            if (displaced is not null)
            {
                worker.Queue.Put(displaced);
            }
        }
        else
        {
            Common.Enqueue(cell);
        }

        Interlocked.MemoryBarrier();
        WakeOne();
    }

    /// <summary>The running process called a server that is busy, and has to wait.</summary>
    internal static void Waits(Cell caller) => t_worker?.Thief.Waits(caller);

    /// <summary>Queues a process that has just been created. The caller owns it until now.</summary>
    internal static void Spawned(Cell cell)
    {
        if (t_worker is { } worker)
        {
            worker.Queue.PutSpawned(cell);

            // As above: alone in the queue.
            if (worker.Queue.Count == 1 && !worker.Queue.HasNext)
            {
                return;
            }
        }
        else
        {
            Common.Enqueue(cell);
        }

        Interlocked.MemoryBarrier();
        WakeOne();
    }

    /// <summary>Queues a process that has used up its slice behind the others. The caller owns it until now.</summary>
    internal static void Yield(Cell cell)
    {
        if (cell.IsErrand)
        {
            ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);
            return;
        }

        if (t_worker is { } worker)
        {
            // Alone in the queue, it continues here: a searching worker would take it away from the data that it has in the cache.
            if (worker.Queue.Count == 0 && !worker.Queue.HasNext && Common.IsEmpty)
            {
                worker.Queue.PutNext(cell);
                return;
            }

            worker.Queue.Put(cell);
        }
        else
        {
            Common.Enqueue(cell);
        }

        Interlocked.MemoryBarrier();
        WakeOne();
    }

    /// <summary>Starts an errand that has just been created, on this thread if no process is running on it. The caller owns it until now.</summary>
    internal static void Begin(Cell cell)
    {
        if (Cell.Current is null && Runner.Here is not { IsRunning: true })
        {
            Visit(cell);
        }
        else
        {
            Ready(cell);
        }
    }

    /// <summary>Runs a slice of an errand on this thread, which is not the scheduler's and runs no process. The caller owns it until now.</summary>
    internal static void Visit(Cell cell)
    {
        var errand = ((FunctionBody)cell.Body!).Errand!;
        var runner = Runner.Enter(cell)!;
        var context = SynchronizationContext.Current;
        var flow = Flow.Suspend();
        var hasEnded = cell.Run();
        SynchronizationContext.SetSynchronizationContext(context);
        flow.Restore();
        runner.Exit();

        // After the slice: the waiting code continues in here, and may start the next errand.
        if (hasEnded)
        {
            errand.Ended();
        }
    }

    private static void WakeOne()
    {
        if (Volatile.Read(ref s_parked) == 0 || Volatile.Read(ref s_searching) != 0)
        {
            return;
        }

        // If there is only work to steal, a worker that does not steal goes on sleeping.
        var isCommon = !Common.IsEmpty;

        foreach (var worker in Workers)
        {
            if ((isCommon || worker.Thief.Steals) && worker.TryUnpark())
            {
                return;
            }
        }
    }

    private static void Start(Worker worker) => Runaways.Watch(worker, LastingThread.Start("Midflight scheduler", () => Run(worker)));

    // Until another worker serves in its place and it has been called back.
    private static void Run(Worker worker)
    {
        t_worker = worker;
        Runner.Here = worker;

        while (worker.IsServing)
        {
            Serve(worker);
        }

        SynchronizationContext.SetSynchronizationContext(null);
        Empty(worker, isOwner: true);
        worker.Retire();
    }

    // Runs a few slices. A separate method, because the JIT optimizes methods that are called often, and the loop never returns.
    private static void Serve(Worker worker)
    {
        for (var left = SlicesInARow; left > 0 && worker.IsServing; left--)
        {
            if ((worker.Tick % FairEvery == 0 ? TakeFairly(worker) : null) is not { } cell
                && (cell = worker.Queue.Take() ?? Find(worker)) is null)
            {
                worker.Park();
                continue;
            }

            worker.Tick++;
            worker.Running = cell;
            worker.IsRunning = true;
            cell.Run();
            worker.IsRunning = false;

            // What a handler put into an AsyncLocal belongs to that handler only.
            if (ExecutionContext.Capture() != Flow.Clean)
            {
                ExecutionContext.Restore(Flow.Clean);
            }
        }
    }

    private const int SlicesInARow = 64;

    // Now and then the others go first, one kind after another: otherwise two processes that keep waking each other would hold the worker for ever.
    private const int FairEvery = 20;

    // Counted in these turns. Rarer than the others, since each starts another branch of a tree of processes, and all started branches are alive at once.
    private const int OldestSpawnedEvery = 100;

    private static Cell? TakeFairly(Worker worker)
    {
        var turn = worker.Tick / FairEvery;

        return turn % OldestSpawnedEvery == 0 ? worker.Queue.TakeOldestSpawned()
            : turn % 2 == 0 && Common.TryDequeue(out var cell) ? cell
            : worker.Queue.TakeOldest();
    }

    private static Cell? Find(Worker worker)
    {
        SynchronizationContext.SetSynchronizationContext(null);

        if (Common.TryDequeue(out var common))
        {
            return common;
        }

        if (!worker.Thief.Steals)
        {
            return null;
        }

        Interlocked.Increment(ref s_searching);
        var found = Search(worker);

        // The last searcher to find something wakes the next: there may be more.
        if (Interlocked.Decrement(ref s_searching) == 0 && found is not null && HasWork())
        {
            WakeOne();
        }

        return found;
    }

    private static Cell? Search(Worker worker)
    {
        for (var round = 0; round < 40; round++)
        {
            if (Common.TryDequeue(out var common))
            {
                return common;
            }

            foreach (var other in Workers)
            {
                if (other != worker && other.Queue.TakeOldest() is { } stolen)
                {
                    worker.Thief.Took(stolen);
                    return stolen;
                }
            }

            Thread.SpinWait(20);
        }

        return null;
    }

    // Whether there is work that any worker may take.
    private static bool HasWork()
    {
        if (!Common.IsEmpty)
        {
            return true;
        }

        foreach (var worker in Workers)
        {
            if (worker.Queue.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    // How many ticks of the watch a slice may take, while work waits and no worker is free, before another worker takes its place.
    private const int HandOffAfter = 10;

    // How many ticks without anything to watch before the watch sleeps.
    private const int SleepAfter = 20;

    private static readonly AutoResetEvent Pause = new(false);
    private static int s_watchSleeps;

    private static void Watch()
    {
        var ticks = new long[WorkerCount];
        var stuck = new int[WorkerCount];
        var replaced = new List<Worker>();
        var idle = 0;

        while (true)
        {
            // The only place that waits for real time: this thread does nothing else.
            Pause.WaitOne(1);
            LetSteal();
            var comesBack = Runaways.Look();

            for (var i = 0; i < WorkerCount; i++)
            {
                var worker = Workers[i];
                var tick = Volatile.Read(ref worker.Tick);

                if (!worker.IsRunning || tick != ticks[i])
                {
                    (ticks[i], stuck[i]) = (tick, 0);
                    continue;
                }

                // In the same slice as at the last tick. The work behind it moves elsewhere.
                stuck[i]++;

                if (worker.Queue.StealNext() is { } next)
                {
                    Common.Enqueue(next);
                }

                var waits = worker.Queue.Count > 0 || !Common.IsEmpty;

                if (waits && Volatile.Read(ref s_parked) > 0)
                {
                    WakeOne();
                }
                else if (waits && stuck[i] >= HandOffAfter)
                {
                    stuck[i] = 0;
                    Replace(i);
                    replaced.Add(worker);
                }
            }

            for (var i = replaced.Count - 1; i >= 0; i--)
            {
                // It may have come back and got a place again since the last tick.
                if (replaced[i].IsSpare || replaced[i].IsServing)
                {
                    replaced.RemoveAt(i);
                }
                else
                {
                    Empty(replaced[i], isOwner: false);
                }
            }

            idle = replaced.Count == 0 && !comesBack && Volatile.Read(ref s_parked) == WorkerCount ? idle + 1 : 0;

            if (idle > SleepAfter)
            {
                SleepUntilWork();
                idle = 0;
            }
        }
    }

    private static void LetSteal()
    {
        var any = false;

        foreach (var worker in Workers)
        {
            any |= worker.Thief.Resume();
        }

        if (any && HasWork())
        {
            WakeOne();
        }
    }

    /// <summary>Lets the watch check soon, if it sleeps.</summary>
    internal static void WakeWatch() => Pause.Set();

    // As with parking, it announces itself first and checks once more, and whoever unparks a worker checks afterwards.
    // Threads outside the scheduler do not check, so it looks for their work from time to time.
    private static void SleepUntilWork()
    {
        Interlocked.Exchange(ref s_watchSleeps, 1);

        if (Volatile.Read(ref s_parked) == WorkerCount)
        {
            Pause.WaitOne(1000);
        }

        Volatile.Write(ref s_watchSleeps, 0);
    }

    // Replaces a blocked worker.
    private static void Replace(int place)
    {
        var blocked = Workers[place];

        if (Spares.TryPop(out var spare))
        {
            spare.IsSpare = false;
            spare.IsServing = true;
            Workers[place] = spare;
            spare.Resume();
        }
        else
        {
            var worker = new Worker();
            Workers[place] = worker;
            Start(worker);
        }

        blocked.IsServing = false;
        Interlocked.MemoryBarrier();

        // If it has just come back and parked, it must see that it has been replaced.
        blocked.TryUnpark();
    }

    // Moves the queue of a worker that does not serve to where the others find it.
    private static void Empty(Worker worker, bool isOwner)
    {
        var any = false;

        // The owner waits for a thief that is taking something at this moment: nobody else would take what the thief leaves.
        var next = isOwner ? worker.Queue.TakeNext() : worker.Queue.StealNext();

        for (var cell = next ?? worker.Queue.TakeOldest(); cell is not null; cell = worker.Queue.TakeOldest())
        {
            Common.Enqueue(cell);
            any = true;
        }

        if (any)
        {
            Interlocked.MemoryBarrier();
            WakeOne();
        }
    }

#pragma warning disable CA1001 // Workers live as long as the operating system process.
    private sealed class Worker : Runner
    {
        private readonly SemaphoreSlim _wake = new(0);
        private readonly SemaphoreSlim _resumed = new(0);
        private int _isParked;

        internal readonly RunQueue Queue = new();

        internal readonly Thief Thief = new();

        // Written by the watch: whether it is one of the serving workers.
        internal volatile bool IsServing = true;

        // Whether it waits among the spares. Its queue is then empty.
        internal volatile bool IsSpare;

        internal void Park()
        {
            // The process that it ran may have ended, and must not be kept in memory.
            Running = null;
            Thief.Forget();
            Volatile.Write(ref _isParked, 1);
            Interlocked.Increment(ref s_parked);

            // See the remarks: check once more, now that others can see that it parks.
            if ((IsServing && !(Thief.Steals ? HasWork() : !Common.IsEmpty) && !Queue.HasNext) || !TakeBack())
            {
                _wake.Wait();
            }
        }

        private bool TakeBack()
        {
            if (Interlocked.Exchange(ref _isParked, 0) == 0)
            {
                return false;
            }

            Interlocked.Decrement(ref s_parked);

            if (Volatile.Read(ref s_watchSleeps) == 1 && Interlocked.Exchange(ref s_watchSleeps, 0) == 1)
            {
                Pause.Set();
            }

            return true;
        }

        internal bool TryUnpark()
        {
            if (Volatile.Read(ref _isParked) == 0 || !TakeBack())
            {
                return false;
            }

            _wake.Release();
            return true;
        }

        internal void Retire()
        {
            // As when it parks.
            Running = null;
            Thief.Forget();
            IsSpare = true;
            Spares.Push(this);
            _resumed.Wait();
        }

        internal void Resume() => _resumed.Release();
    }
#pragma warning restore CA1001
}
