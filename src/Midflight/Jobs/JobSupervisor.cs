namespace Midflight;

/// <summary>Has jobs as its children, so that they are seen, counted and shut down with their application. Elixir's Task.Supervisor.</summary>
/// <remarks>
/// A child like any other: <c>Child.Of&lt;JobSupervisor&gt;() with { Name = "jobs" }</c>; with a <see cref="DynamicSupervisorSpec"/> as its argument it has
/// limits: <c>Child.Of&lt;JobSupervisor&gt;(new DynamicSupervisorSpec { MaxChildren = 100 })</c>. A job under a supervisor is not linked to who started it: its
/// failure is for who awaits it, and it goes on when that ends. It is not started again, as nobody would wait for it.
/// </remarks>
public sealed class JobSupervisor : DynamicSupervisor
{
    /// <summary>Starts a job as a child of a supervisor, not linked to the calling process: Elixir's <c>async_nolink</c>.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">A static method is looked up by its name in the current code version; a lambda stays in its own.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    /// <returns>To be awaited by the calling process, and by no other.</returns>
    /// <exception cref="CallFailedException">There is no such supervisor.</exception>
    /// <exception cref="ChildRefusedException">The supervisor has as many jobs as it may have.</exception>
    public static ValueTask<Job<T>> AsyncNoLink<T>(ServerRef supervisor, Func<Task<T>> function, Shutdown? shutdown = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<T>(function, job), shutdown);
    }

    /// <inheritdoc cref="AsyncNoLink{T}(ServerRef, Func{Task{T}}, Shutdown?)"/>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">The function.</param>
    /// <param name="argument">What it is given.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    public static ValueTask<Job<T>> AsyncNoLink<TArgument, T>(ServerRef supervisor, Func<TArgument, Task<T>> function, TArgument argument, Shutdown? shutdown = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<TArgument, T>(function, argument, job), shutdown);
    }

    /// <summary>Starts work for which nobody waits; where it fails its crash report tells.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">As above. One that may be started again has to be a static method, where it is hot code.</param>
    /// <param name="restart">When it is started again. Default: <see cref="Restart.Temporary"/>, never.</param>
    /// <param name="shutdown">How it is stopped with its supervisor. Default: <see cref="Shutdown.Default"/>, 5 s.</param>
    /// <exception cref="CallFailedException">There is no such supervisor.</exception>
    /// <exception cref="ChildRefusedException">The supervisor has as many jobs as it may have.</exception>
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
