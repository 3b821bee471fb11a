namespace Midflight;

/// <summary>Asks an application how it is.</summary>
internal static class ApplicationHealth
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks the start modules, of the application and of those that it includes, for their Health.</summary>
    /// <returns>What ails it; null if nothing does, or if it has no process.</returns>
    /// <remarks>In a process of its own: it may take its time, and must not keep the application from being stopped.</remarks>
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
                // So it reads the environment of the application.
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
        // That it cannot say how it is says enough.
        catch (Exception exception)
        {
            return $"its Health threw {exception.GetType().Name}: {exception.Message}";
        }
    }

    // Whoever was asked has ended before it could answer: the node stops.
    private sealed class Unanswered(TaskCompletionSource<string?> answer) : IDisposable
    {
        public void Dispose() => answer.TrySetResult(null);
    }
}
