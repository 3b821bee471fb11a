using System.Collections.Concurrent;

namespace Midflight.Host;

/// <summary>Knows which processes are in their code change or conversion, and so finds those that do not return from it.</summary>
internal sealed class ChangeWatch
{
    // By thread: each changes one process at a time.
    private readonly ConcurrentDictionary<int, Cell?> _changing = new();
    private volatile bool _isOver;

    /// <summary>Whether a process did not return in time, so that nothing more must be changed.</summary>
    internal bool IsOver => _isOver;

    internal void Enter(Cell cell) => _changing[Environment.CurrentManagedThreadId] = cell;

    internal void Leave() => _changing[Environment.CurrentManagedThreadId] = null;

    /// <summary>Waits until all have changed.</summary>
    /// <param name="changes">The work.</param>
    /// <param name="timeout">How long one process may take at least; at most it is twice as long.</param>
    /// <param name="time">Measures it.</param>
    /// <returns>The processes that do not return; none if all is done.</returns>
    internal async Task<IReadOnlyCollection<Cell>> Wait(Task changes, TimeSpan timeout, TimeProvider time)
    {
        HashSet<Cell> seen = [];

        while (true)
        {
            try
            {
                await changes.WaitAsync(timeout, time).ConfigureAwait(false);
                return [];
            }
            catch (TimeoutException)
            {
                HashSet<Cell> now = [.. _changing.Values.OfType<Cell>()];
                seen.IntersectWith(now);

                if (seen.Count > 0)
                {
                    _isOver = true;
                    return seen;
                }

                seen = now;
            }
        }
    }
}
