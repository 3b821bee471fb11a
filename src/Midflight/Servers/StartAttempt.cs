namespace Midflight;

/// <summary>A start that can be abandoned: when its time is over or it is cancelled, neither a process nor a name remains.</summary>
internal sealed class StartAttempt : IDisposable
{
    // How long to wait for a killed process, by the machine's clock, because it may block its thread.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Type _module;
    private readonly Cell? _parent;
    private readonly StartOptions _options;
    private Cell? _cell;

    /// <param name="module">The module to start.</param>
    /// <param name="parent">The calling process, if it is linked.</param>
    /// <param name="options">The time-out, and the name to release.</param>
    internal StartAttempt(Type module, Cell? parent, StartOptions options) => (_module, _parent, _options) = (module, parent, options);

    /// <summary>Sets the process. The caller owns its cell.</summary>
    internal void Begins(Cell cell)
    {
        _cell = cell;
        cell.Bonds.Owned.Add(this);
    }

    /// <summary>The process has ended. Called by the process itself.</summary>
    public void Dispose() => _ended.TrySetResult();

    /// <summary>Runs Init in the process's own slice, because it could not be abandoned on the starter's thread.</summary>
    /// <param name="cell">Owned by the caller, who does nothing else with it.</param>
    /// <param name="body">What it runs.</param>
    /// <param name="argument">Passed to Init.</param>
    internal ValueTask<Pid> Init(Cell cell, ServerBody body, object? argument)
    {
        var init = new InitSignal(body, argument, _parent);
        Begins(cell);
        cell.Post(init);
        cell.Leave();
        return Within(init.Started);
    }

    /// <summary>Waits until the process is ready, for as long as the options allow.</summary>
    internal async ValueTask<Pid> Within(Task<Pid> starting)
    {
        try
        {
            var pid = await starting.WaitAsync(_options.Timeout, _cell!.Node.Time, _options.Cancellation);
            _cell.Do(owner => owner.Bonds.Owned.Remove(this));
            return pid;
        }
        catch (TimeoutException)
        {
            await GiveUp(starting);
            throw new StartFailedException(
                $"{_module.FullName} was not started: it was not ready within {_options.Timeout.TotalMilliseconds:0} ms. Give it more time, or return Continue from its Init and do the rest in HandleContinueAsync.",
                ExitReason.TimedOut);
        }
        catch (OperationCanceledException) when (_options.Cancellation.IsCancellationRequested)
        {
            await GiveUp(starting);
            throw;
        }
    }

    // The starter learns it from its start; it must not learn it from the link as well.
    private async ValueTask GiveUp(Task<Pid> starting)
    {
        var cell = _cell!;
        StartName.GiveBack(cell, _options.Name, _options.Via);
        _parent?.Links.Remove(cell);
        cell.Kill();

        // Nobody needs the outcome any more.
        _ = starting.ContinueWith(static over => _ = over.Exception, TaskScheduler.Default);

        try
        {
            await _ended.Task.WaitAsync(s_grace, TimeProvider.System);
        }
        // It blocks its thread. It is killed, and its name is free.
        catch (TimeoutException)
        {
        }
    }

    // Runs Init before any message.
    private sealed class InitSignal(ServerBody body, object? argument, Cell? parent) : Signal
    {
        private readonly TaskCompletionSource<Pid> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<Pid> Started => _started.Task;

        internal override bool RunsCode => true;

        internal override void Act(Cell cell) => Tell(body.Init(cell, argument, parent));

        private async void Tell(ValueTask<Pid> starting)
        {
            try
            {
                _started.TrySetResult(await starting.ConfigureAwait(false));
            }
            // It is reported to the starter.
            catch (Exception exception)
            {
                _started.TrySetException(exception);
            }
        }

        internal override void Undeliverable(ExitReason? reason) =>
            _started.TrySetException(new StartFailedException(body.Module.GetType(), reason ?? ExitReason.Killed));
    }
}
