namespace Midflight;

/// <summary>Waits for the end of processes from within a callback: the news does not wait in the mailbox.</summary>
internal sealed class EndWatch : MonitorRef
{
    private readonly Ends _ends;

    private EndWatch(Cell watcher, Pid target, Ends ends)
        : base(watcher, target) => _ends = ends;

    internal override void Ended(Cell watcher, ExitReason reason) => _ends.Add(Target.Cell!, reason);

    /// <summary>Processes that are expected to end, and those that have ended. Owner of the watcher only.</summary>
    internal sealed class Ends(Cell watcher)
    {
        private readonly Dictionary<Cell, ExitReason?> _reasons = [];
        private readonly TaskCompletionSource _all = new();
        private int _left;

        internal void Watch(Cell cell)
        {
            _reasons.Add(cell, null);
            _left++;
            cell.Post(new MonitorSignal(new EndWatch(watcher, cell.Pid, this)));
        }

        internal void Add(Cell cell, ExitReason reason)
        {
            _reasons[cell] = reason;

            if (--_left == 0)
            {
                _all.SetResult();
            }
        }

        /// <summary>Null while it has not ended.</summary>
        internal ExitReason? ReasonOf(Cell cell) => _reasons[cell];

        /// <summary>Waits for all of them.</summary>
        internal Task All => _left == 0 ? Task.CompletedTask : _all.Task;

        /// <summary>Waits for all of them, up to a time limit.</summary>
        /// <returns>Whether all have ended.</returns>
        internal async ValueTask<bool> Within(TimeSpan time)
        {
            if (_left > 0)
            {
                try
                {
                    await _all.Task.WaitAsync(time, watcher.Node.Time);
                }
                catch (TimeoutException)
                {
                    return _left == 0;
                }
            }

            return true;
        }
    }
}
