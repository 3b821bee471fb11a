namespace Midflight.Host;

/// <summary>Runs an action on processes between two of their messages.</summary>
internal static class Owners
{
    /// <summary>Runs it at once on processes that are idle, and on the others as soon as they are between two messages.</summary>
    /// <param name="node">The node with the processes.</param>
    /// <param name="which">Selects the processes.</param>
    /// <param name="act">The action, run as owner of the cell. Must not throw.</param>
    /// <param name="patience">How long to wait for a process that keeps its thread busy. The action still runs on it later.</param>
    internal static Task Do(Node node, Func<Cell, bool> which, Action<Cell> act, TimeSpan patience)
    {
        var asked = new List<Task>();

        foreach (var cell in node.Processes.All().Where(which))
        {
            // Most processes are idle, and there can be a million of them.
            if (cell.TryEnter(parked: true))
            {
                act(cell);
                cell.Leave();
                continue;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            asked.Add(done.Task);
            cell.Do(
                owner =>
                {
                    act(owner);
                    done.TrySetResult();
                },
                _ => done.TrySetResult());
        }

        return CodeUse.Patient(Task.WhenAll(asked), patience);
    }
}
