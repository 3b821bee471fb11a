using System.Collections.Concurrent;

namespace Midflight.Host;

/// <summary>Does one thing to many processes: suspends, changes, resumes them, on all processors at once.</summary>
/// <remarks>
/// A process that rests is entered and changed on the spot, without a message; one that runs gets a request and is waited for.
/// One that has ended meanwhile is left out: its end is nobody's failure here.
/// </remarks>
internal sealed class ProcessSwitch(Node node)
{
    // Fewer are not worth a second thread.
    private const int ChunkSize = 512;

    /// <summary>Suspends processes.</summary>
    /// <param name="cells">Which.</param>
    /// <param name="standstill">Lets those go on that others need.</param>
    /// <param name="timeout">How long one may take.</param>
    /// <returns>Those which did not answer in time; they have been sent a resume, so that the request does not act later.</returns>
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

            // A special process comes to rest when its loop takes the message.
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

    /// <summary>Lets processes go on.</summary>
    internal static Task Resume(IReadOnlyList<Cell> cells) => Do(cells, static cell =>
    {
        (cell.Suspended, cell.InStandstill) = (false, false);
        (cell.Body as ServerBody)?.RestartIdle(cell);
    });

    /// <summary>Does something as owner of each process, between two of its messages, on all processors.</summary>
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

    /// <summary>As <see cref="Do"/>, on this thread alone: for processes that go on meanwhile, and whose sockets and timers need the others.</summary>
    /// <param name="cells">As above, and in their order; those that run come last.</param>
    /// <param name="action">As above.</param>
    /// <param name="timeout">How long a process may take to come between two messages.</param>
    /// <param name="time">Measures it.</param>
    /// <returns>Those which did not in time; nothing is done to them later.</returns>
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

            // Those that had just begun.
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
    /// <param name="runs">Asked about each server and special process.</param>
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
