using System.Collections.Concurrent;

namespace Midflight.Host;

/// <summary>Does one thing to many processes (suspend, change, resume), on all processors at once.</summary>
/// <remarks>
/// An idle process is entered and changed on the spot, without a message. A running process gets a request and is waited for.
/// A process that has ended meanwhile is left out: its end is not an error here.
/// </remarks>
internal sealed class ProcessSwitch(Node node)
{
    // Fewer are not worth a second thread.
    private const int ChunkSize = 512;

    /// <summary>Suspends processes.</summary>
    /// <param name="cells">The processes.</param>
    /// <param name="standstill">Lets processes continue that others need.</param>
    /// <param name="timeout">How long one may take.</param>
    /// <returns>The processes that did not answer in time. They have been sent a resume, so that the request does not take effect later.</returns>
    internal static async Task<IReadOnlyList<Cell>> Suspend(IReadOnlyList<Cell> cells, Standstill standstill, TimeSpan timeout)
    {
        var running = new ConcurrentBag<Cell>();

        ForEach(cells, cell =>
        {
            if (!cell.TryEnter(parked: true))
            {
                cell.InStandstill = true;
                running.Add(cell);
                return;
            }

            cell.InStandstill = true;

            // A special process becomes idle when its loop takes the message.
            if (cell.Busy || cell.HasMessages || cell.Body is FunctionBody)
            {
                running.Add(cell);
            }
            else
            {
                cell.Suspended = true;
            }

            cell.Leave();
        });

        var late = new ConcurrentBag<Cell>();

        await Task.WhenAll(running.Select(async cell =>
        {
            standstill.Asked(cell);

            try
            {
                await Sys.Suspend(cell.Pid, timeout);
            }
            catch (CallFailedException failure) when (failure.Failure == CallFailure.TimedOut)
            {
                late.Add(cell);
            }
            catch (CallFailedException)
            {
                // It ended.
                standstill.Rests(cell);
            }
        })).ConfigureAwait(false);

        foreach (var cell in late)
        {
            cell.InStandstill = false;
            standstill.Rests(cell);
            _ = Sys.Resume(cell.Pid, Timeout.InfiniteTimeSpan).AsTask().ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return [.. late];
    }

    /// <summary>Resumes processes.</summary>
    internal static Task Resume(IReadOnlyList<Cell> cells) => Do(cells, static cell =>
    {
        (cell.Suspended, cell.InStandstill) = (false, false);
        (cell.Body as ServerBody)?.RestartIdle(cell);
    });

    /// <summary>Does something as the owner of each process, between two of its messages, on all processors.</summary>
    /// <param name="cells">Those that have ended are left out.</param>
    /// <param name="action">Runs with the process as the current one. Must not throw.</param>
    internal static Task Do(IReadOnlyList<Cell> cells, Action<Cell> action)
    {
        var running = new ConcurrentBag<Cell>();

        ForEach(cells, cell =>
        {
            if (!TryDo(cell, action))
            {
                running.Add(cell);
            }
        });

        return Ask(running, action, Timeout.InfiniteTimeSpan, TimeProvider.System);
    }

    /// <summary>Like <see cref="Do"/>, but only on this thread: for processes that continue meanwhile, and whose sockets and timers need the other threads.</summary>
    /// <param name="cells">As above, in this order; running ones come last.</param>
    /// <param name="action">As above.</param>
    /// <param name="timeout">How long a process may take to get between two messages.</param>
    /// <param name="time">Measures it.</param>
    /// <returns>The processes that did not in time; nothing is done to them later.</returns>
    internal static Task<IReadOnlyList<Cell>> DoInTurn(IEnumerable<Cell> cells, Action<Cell> action, TimeSpan timeout, TimeProvider time)
    {
        var running = new List<Cell>();

        foreach (var cell in cells)
        {
            if (!TryDo(cell, action))
            {
                running.Add(cell);
            }
        }

        return Ask(running, action, timeout, time);
    }

    private static bool TryDo(Cell cell, Action<Cell> action)
    {
        if (!cell.TryEnter(parked: true))
        {
            return false;
        }

        As(cell, action);
        cell.Leave();
        return true;
    }

    private static async Task<IReadOnlyList<Cell>> Ask(IReadOnlyCollection<Cell> running, Action<Cell> action, TimeSpan timeout, TimeProvider time)
    {
        var asked = running.Select(cell => new Step(cell, action)).ToList();
        asked.ForEach(step => step.Cell.Do(step.Run, _ => step.Leave()));

        try
        {
            await Task.WhenAll(asked.Select(step => step.Done)).WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Cell[] late = [.. asked.Where(step => step.Leave()).Select(step => step.Cell)];

            // Those that had just started.
            await Task.WhenAll(asked.Select(step => step.Done)).ConfigureAwait(false);
            return late;
        }

        return [];
    }

    // Waiting --Run--> done; or Waiting --Leave--> done, and the action is not run. The first one counts.
    private sealed class Step(Cell cell, Action<Cell> action)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _taken;

        internal Cell Cell => cell;

        internal Task Done => _done.Task;

        internal void Run(Cell owner)
        {
            if (Interlocked.Exchange(ref _taken, 1) == 0)
            {
                As(owner, action);
                _done.SetResult();
            }
        }

        internal bool Leave()
        {
            if (Interlocked.Exchange(ref _taken, 1) != 0)
            {
                return false;
            }

            _done.SetResult();
            return true;
        }
    }

    /// <summary>Does something with a process as the current one. Owner only.</summary>
    internal static void As(Cell cell, Action<Cell> action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(cell);

        try
        {
            action(cell);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>The processes of the node that run one of these modules, in any version.</summary>
    /// <param name="runs">Called for each server and special process.</param>
    /// <param name="except">Processes to leave out. Default: none.</param>
    internal List<Cell> Of(Func<Body, bool> runs, Predicate<Cell>? except = null)
    {
        var all = node.Processes.All();
        all.RemoveAll(cell => cell.Body is not (ServerBody or FunctionBody { IsSpecial: true }) || cell.Body is not { } body || !runs(body) || (except?.Invoke(cell) ?? false));
        return all;
    }

    private static void ForEach<T>(IReadOnlyList<T> cells, Action<T> action)
    {
        if (cells.Count <= ChunkSize)
        {
            foreach (var cell in cells)
            {
                action(cell);
            }

            return;
        }

        Parallel.ForEach(Partitioner.Create(0, cells.Count, ChunkSize), range =>
        {
            for (var i = range.Item1; i < range.Item2; i++)
            {
                action(cells[i]);
            }
        });
    }
}
