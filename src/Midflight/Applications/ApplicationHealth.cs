namespace Midflight;

/// <summary>Asks an application for its health.</summary>
internal static class ApplicationHealth
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Calls Health of the start modules of the application and of those that it includes.</summary>
    /// <returns>What is wrong; null if nothing is, or if it has no process.</returns>
    /// <remarks>Runs in a process of its own: it may take time, and must not keep the application from being stopped.</remarks>
    internal static async Task<string?> Ask(ApplicationMaster application, Node node)
    {
        if (application.Cell is not { IsDead: false } cell)
        {
            return null;
        }

        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Process.Start(
            new Next.Plain(async () => answer.TrySetResult(await Illness(application)), false),
            prepare: asked =>
            {
                // This lets it read the environment of the application.
                asked.Parent = cell;
                asked.Bonds.Owned.Add(new Unanswered(answer));
            },
            node: node);

        try
        {
            return await answer.Task.WaitAsync(s_patience, node.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            asked.Kill();
            return $"its Health did not answer within {s_patience.TotalSeconds:0} s";
        }
    }

    private static async Task<string?> Illness(ApplicationMaster application)
    {
        try
        {
            foreach (var one in application.Tree.Where(one => one.Module is not null))
            {
                if (await application.Module(one.Module!).OnHealth() is { } illness)
                {
                    return illness;
                }
            }

            return null;
        }
        // If it cannot report its health, it is unhealthy.
        catch (Exception exception)
        {
            return $"its Health threw {exception.GetType().Name}: {exception.Message}";
        }
    }

    // The process ended before it could answer: the node is stopping.
    private sealed class Unanswered(TaskCompletionSource<string?> answer) : IDisposable
    {
        public void Dispose() => answer.TrySetResult(null);
    }
}
