namespace Midflight.Host.Evaluation;

/// <summary>The process that runs what is typed in one shell. Its mailbox is the user's.</summary>
/// <remarks>If it ends, by a link or by its own will, the shell goes on in a new one.</remarks>
internal sealed class ShellProcess
{
    private readonly Cell _cell;

    internal ShellProcess(Node node, ShellSession session)
    {
        _cell = Process.Start(
            new Next.Plain(Loop, true),
            prepare: cell => cell.Bonds.Owned.Add(new End(this)),
            node: node);
        ShellSession.Processes.Add(_cell, session);
    }

    // The work under way, to be failed if the process ends.
    private volatile Work? _work;

    internal Pid Pid => _cell.Pid;

    internal bool IsAlive => !_cell.IsDead;

    /// <summary>Runs something in the process, once it is done with what it does now.</summary>
    /// <exception cref="ExitException">The process ended meanwhile.</exception>
    internal async Task<T> Run<T>(Func<Task<T>> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new Work(
            async () =>
            {
                try
                {
                    done.TrySetResult(await function());
                }
                // It is the caller's to print.
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                }
            },
            () => done.TrySetException(new ExitException(ExitReason.Killed)));
        _work = work;
        _cell.Send(work);

        if (!IsAlive)
        {
            work.Abandon();
        }

        try
        {
            return await done.Task.ConfigureAwait(false);
        }
        finally
        {
            // It holds what was typed, and with it the code that this uses.
            _work = null;
        }
    }

    internal void Kill() => _cell.Kill();

    private static async ProcessTask Loop()
    {
        while (true)
        {
            await (await Process.Receive<Work>()).Carry();
        }
    }

    private sealed record Work(Func<Task> Carry, Action Abandon);

    private sealed class End(ShellProcess process) : IDisposable
    {
        public void Dispose() => process._work?.Abandon();
    }
}
