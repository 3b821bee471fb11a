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

    /// <summary>Puts a process in line that has something to do. The caller owns it until now.</summary>
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

            // Alone in line, it runs as soon as this slice ends: not worth waking another processor. Should the slice
            // be long, the watch wakes one.
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

    /// <summary>Puts a process in line that has just been made. The caller owns it until now.</summary>
    internal static void Spawned(Cell cell)
    {
        if (t_worker is { } worker)
        {
            worker.Queue.PutSpawned(cell);

            // As above: alone in line.
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

    /// <summary>Puts a process that has used up its slice behind the others. The caller owns it until now.</summary>
    internal static void Yield(Cell cell)
    {
        if (cell.IsErrand)
        {
            ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);
            return;
        }

        if (t_worker is { } worker)
        {
            // Alone in line, it goes on here: a worker that searches would take it away with all that it has in the cache.
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

    /// <summary>Begins an errand that has just been made: on this thread, where that runs no process yet. The caller owns it until now.</summary>
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

    /// <summary>Runs a slice of an errand on this thread, which is none of the scheduler's and runs no process. The caller owns it until now.</summary>
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

        // Behind the slice: who waits goes on in here, and may begin the next errand.
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

        // Where there is nothing but what it would have to steal, one that does not steal sleeps on.
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

    // Until another one serves in its place, and it has been called back.
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

    // Some slices. A method of its own, since the compiler improves what is called again and again, and the loop never returns.
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

            // What a handler put in an AsyncLocal is its own.
            if (ExecutionContext.Capture() != Flow.Clean)
            {
                ExecutionContext.Restore(Flow.Clean);
            }
        }
    }

    private const int SlicesInARow = 64;

    // Now and then the others go first, one kind after the other: two processes that only wake each other would else keep the worker for ever.
    private const int FairEvery = 20;

    // Of these turns. Rarer than the others, since each begins another branch of a tree of processes, and all that are begun are alive at once.
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

        // The last searcher who finds something wakes the next: there may be more where it came from.
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

    // Whether there is something that any worker may take.
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

    // Ticks of the watch that a slice may take, while work waits and no worker is free, before another takes its place.
    private const int HandOffAfter = 10;

    // Ticks without anything to watch after which the watch sleeps.
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
            // The one place that lets real time pass: this thread does nothing else.
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

                // In the same slice as a tick ago. What waits behind it goes elsewhere.
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
                // It may have come back and be in a place again since the last tick.
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
    // Threads from outside do not, so it checks for them from time to time.
    private static void SleepUntilWork()
    {
        Interlocked.Exchange(ref s_watchSleeps, 1);

        if (Volatile.Read(ref s_parked) == WorkerCount)
        {
            Pause.WaitOne(1000);
        }

        Volatile.Write(ref s_watchSleeps, 0);
    }

    // Replaces a worker that is blocked.
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

        // If it has come back and parked at this moment, it must see that it is replaced.
        blocked.TryUnpark();
    }

    // Moves the queue of a worker that does not serve to where the others find it.
    private static void Empty(Worker worker, bool isOwner)
    {
        var any = false;

        // The owner waits for a thief that is there at this moment: nobody else would take what the thief leaves.
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

        // Written by the watch: whether it is among the serving workers.
        internal volatile bool IsServing = true;

        // Whether it waits among the spares; its queue is empty then.
        internal volatile bool IsSpare;

        internal void Park()
        {
            // What it ran may have ended, and must not be kept in memory.
            Running = null;
            Thief.Forget();
            Volatile.Write(ref _isParked, 1);
            Interlocked.Increment(ref s_parked);

            // See the remarks: check once more, now that others can see that we park.
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
