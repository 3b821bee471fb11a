using System.Collections.Concurrent;

namespace Midflight.Host;

/// <summary>Changes many processes with code of the application, which may throw or never return.</summary>
internal static class CellChanges
{
    /// <summary>Carries a change out for each process.</summary>
    /// <param name="node">The node, whose clock is used.</param>
    /// <param name="run">Does something for each process, on other threads than this one, which must wake up if one does not return.</param>
    /// <param name="change">The change of one process, as its owner.</param>
    /// <param name="what">Names it in messages: code change, conversion.</param>
    /// <param name="timeout">How long one process may take.</param>
    /// <param name="lost">Called for each process that did not return. Default: nothing.</param>
    /// <exception cref="SwitchFailedException">A process threw, or did not return; then it is ended.</exception>
    internal static async Task Run(Node node, Func<Action<Cell>, Task> run, Action<Cell> change, string what, TimeSpan timeout, Action<Cell>? lost = null)
    {
        var failures = new ConcurrentQueue<(Cell Cell, Exception Exception)>();
        var watch = new ChangeWatch();

        var changes = Task.Run(() => run(cell =>
        {
            if (!failures.IsEmpty || watch.IsOver)
            {
                return;
            }

            watch.Enter(cell);
            var before = cell.Body;

            try
            {
                change(cell);

                if (watch.IsOver)
                {
                    // Too late.
                    cell.Body = before;
                }
            }
            catch (Exception exception)
            {
                failures.Enqueue((cell, exception));
            }
            finally
            {
                watch.Leave();
            }
        }));

        var stuck = await watch.Wait(changes, timeout, node.Time).ConfigureAwait(false);

        if (stuck.Count > 0)
        {
            foreach (var cell in stuck)
            {
                // The process ends at its next safepoint, or when its code returns, and its supervisor restarts it.
                lost?.Invoke(cell);
                cell.Kill();
            }

            var first = stuck.First();
            throw new SwitchFailedException(
                $"The {what} of process {first.Pid} ({first.Body?.ModuleName}) did not end within {timeout.TotalMilliseconds:0} ms"
                + (stuck.Count > 1 ? $", and {stuck.Count - 1} more did not" : "")
                + ", so the process is ended. Look at what it waits for.");
        }

        if (failures.TryDequeue(out var failure))
        {
            throw new SwitchFailedException(
                $"The {what} of process {failure.Cell.Pid} ({failure.Cell.Body?.ModuleName}) failed: {failure.Exception.Message.TrimEnd('.')}."
                + (failures.IsEmpty ? "" : $" So did {failures.Count} more.")
                + " Fix it and rebuild the release.",
                failure.Exception);
        }
    }
}
