namespace Midflight.Host.Evaluation;

/// <summary>The process that runs what is typed in one shell. The user reads its mailbox.</summary>
/// <remarks>If it ends, through a link or of its own accord, the shell goes on in a new process.</remarks>
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

    // The work in progress, which fails if the process ends.
    private volatile Work? _work;

    internal Pid Pid => _cell.Pid;

    internal bool IsAlive => !_cell.IsDead;

    /// <summary>Runs a function in the process, after what it is doing now.</summary>
    /// <exception cref="ExitException">The process ended in the meantime.</exception>
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
                // The caller prints it.
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
            // It holds what was typed, and so the code that this uses.
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
