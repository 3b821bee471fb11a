namespace Midflight;

/// <summary>A supervisor of jobs, so that they are visible, counted and shut down with their application. Elixir's Task.Supervisor.</summary>
/// <remarks>
/// It is a child like any other: <c>Child.Of&lt;JobSupervisor&gt;() with { Name = "jobs" }</c>. A <see cref="DynamicSupervisorSpec"/> as its argument sets
/// limits: <c>Child.Of&lt;JobSupervisor&gt;(new DynamicSupervisorSpec { MaxChildren = 100 })</c>. A job under a supervisor is not linked to its starter: only
/// the process that awaits it sees its failure, and it continues when the starter ends. It is not restarted, because nobody would wait for it.
/// </remarks>
public sealed class JobSupervisor : DynamicSupervisor
{
    /// <summary>Starts a job as a child of a supervisor, not linked to the calling process: Elixir's <c>async_nolink</c>.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">A static method is looked up by name in the current code version; a lambda stays in its own version.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    /// <returns>A job that only the calling process may await.</returns>
    /// <exception cref="CallFailedException">There is no such supervisor.</exception>
    /// <exception cref="ChildRefusedException">The supervisor has reached its maximum number of jobs.</exception>
    public static ValueTask<Job<T>> AsyncNoLink<T>(ServerRef supervisor, Func<Task<T>> function, Shutdown? shutdown = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<T>(function, job), shutdown);
    }

    /// <inheritdoc cref="AsyncNoLink{T}(ServerRef, Func{Task{T}}, Shutdown?)"/>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">The function.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    public static ValueTask<Job<T>> AsyncNoLink<TArgument, T>(ServerRef supervisor, Func<TArgument, Task<T>> function, TArgument argument, Shutdown? shutdown = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<TArgument, T>(function, argument, job), shutdown);
    }

    /// <summary>Starts work that nobody waits for. If it fails, its crash report says so.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">As above. If it may be restarted and is hot code, it must be a static method.</param>
    /// <param name="restart">When it is restarted. Default: <see cref="Restart.Temporary"/>, never.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    /// <exception cref="CallFailedException">There is no such supervisor.</exception>
    /// <exception cref="ChildRefusedException">The supervisor has reached its maximum number of jobs.</exception>
    public static ValueTask<Pid> StartChild(ServerRef supervisor, Func<ProcessTask> function, Restart restart = Restart.Temporary, Shutdown? shutdown = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return StartChild(supervisor, restart == Restart.Temporary
            ? Spec(new Next.Plain(function, true), shutdown)
            : Child.Running(function) with { Id = "job", Restart = restart, Shutdown = shutdown ?? Shutdown.Default });
    }

    /// <inheritdoc/>
    protected override DynamicSupervisorSpec Init(object? argument) => argument switch
    {
        null => new(),
        DynamicSupervisorSpec spec => spec,
        _ => throw new ArgumentException($"A job supervisor was started with {argument}, but takes a DynamicSupervisorSpec or nothing.", nameof(argument)),
    };

    private static async ValueTask<Job<T>> Under<T>(ServerRef supervisor, Func<Job, Next> run, Shutdown? shutdown)
    {
        var job = new Job<T>(Process.Here, JobTie.None);
        job.Started(await StartChild(supervisor, Spec(run(job), shutdown)));
        return job;
    }

    private static ChildSpec Spec(Next function, Shutdown? shutdown) =>
        new("job", new ChildStart.Once(function), false) { Restart = Restart.Temporary, Shutdown = shutdown ?? Shutdown.Default };
}
