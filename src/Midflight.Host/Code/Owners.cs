namespace Midflight.Host;

/// <summary>Does something to processes between two of their messages.</summary>
internal static class Owners
{
    /// <summary>Does it at once to those that rest, and to the others as soon as they come to it.</summary>
    /// <param name="node">Whose processes.</param>
    /// <param name="which">Which of them.</param>
    /// <param name="act">What to do, as owner of the cell. Throws nothing.</param>
    /// <param name="patience">How long to wait for one that keeps its thread busy. It is done to it all the same, later.</param>
    internal static Task Do(Node node, Func<Cell, bool> which, Action<Cell> act, TimeSpan patience)
    {
        var asked = new List<Task>();

        foreach (var cell in node.Processes.All().Where(which))
        {
            // Most processes rest, and there can be a million of them.
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
