namespace Midflight.Host;

/// <summary>Watches new code for a time: how many of its processes end abnormally.</summary>
internal static class Probation
{
    /// <returns>Why it did not pass, a whole sentence; null if it did.</returns>
    internal static async Task<string?> Watch(Node node, IReadOnlySet<CodeVersion> versions, InstallSettings settings)
    {
        var over = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var crashes = 0;

        void Crashed(Cell cell, ExitReason reason)
        {
            if (cell.Body?.Version is { } version && versions.Contains(version) && Interlocked.Increment(ref crashes) > settings.MostCrashes)
            {
                over.TrySetResult(
                    $"{crashes} processes ended abnormally, {settings.MostCrashes} may; the last was {cell.Pid} ({cell.Body.ModuleName}): {reason.ToString()!.TrimEnd('.')}.");
            }
        }

        node.Crashed += Crashed;

        try
        {
            using var ended = new CancellationTokenSource();
            var time = Task.Delay(settings.Probation, node.Time, ended.Token);
            var first = await Task.WhenAny(time, over.Task).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            return first == over.Task ? await over.Task.ConfigureAwait(false) : null;
        }
        finally
        {
            node.Crashed -= Crashed;
        }
    }
}
