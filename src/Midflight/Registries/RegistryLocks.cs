namespace Midflight;

/// <summary>The locks of one registry: for each key the waiting processes, in order. The first of them has the lock.</summary>
internal sealed class RegistryLocks
{
    private readonly Lock _lock = new();

    // Owned by the lock. A key without a line is free.
    private readonly Dictionary<object, LinkedList<Turn>> _lines = [];

    /// <summary>Joins the line.</summary>
    /// <exception cref="InvalidOperationException">The process is already in that line, and would wait for itself.</exception>
    internal Turn Take(object key, Cell process)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(key, out var line))
            {
                _lines.Add(key, line = []);
            }

            if (line.Any(other => other.Process == process))
            {
                throw new InvalidOperationException($"Process {process.Pid} already holds or waits for the lock {Excerpt.Of(key, longest: 100)}, so it would wait for itself. Take the lock once, around all of the work.");
            }

            var turn = new Turn(this, key, process);
            line.AddLast(turn);

            if (line.Count == 1)
            {
                turn.Come();
            }

            return turn;
        }
    }

    private void Leave(Turn turn)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue(turn.Key, out var line))
            {
                return;
            }

            var hadIt = line.First?.Value == turn;

            if (!line.Remove(turn))
            {
                return;
            }

            if (line.First is not { Value: var next })
            {
                _lines.Remove(turn.Key);
            }
            else if (hadIt)
            {
                next.Come();
            }
        }
    }

    /// <summary>A place in a line. Disposing it leaves the line, once.</summary>
    internal sealed class Turn(RegistryLocks locks, object key, Cell process) : IDisposable
    {
        private readonly TaskCompletionSource _comes = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal object Key => key;

        internal Cell Process => process;

        /// <summary>Completes when it is this one's turn.</summary>
        internal Task Comes => _comes.Task;

        internal void Come() => _comes.TrySetResult();

        public void Dispose() => locks.Leave(this);
    }
}
