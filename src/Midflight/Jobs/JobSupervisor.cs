namespace Midflight;

/// <summary>Has jobs as its children, so that they are seen, counted and shut down with their application. Elixir's Task.Supervisor.</summary>
/// <remarks>
/// A child like any other: <c>Child.Of&lt;JobSupervisor&gt;() with { Name = "jobs" }</c>. None of its jobs is started again. A job under a supervisor is not
/// linked to who started it: its failure is for who awaits it, and it goes on when that ends.
/// </remarks>
public sealed class JobSupervisor : DynamicSupervisor
{
    /// <summary>Starts a job as a child of a supervisor, not linked to the calling process: Elixir's <c>async_nolink</c>.</summary>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">A static method is looked up by its name in the current code version; a lambda stays in its own.</param>
    /// <returns>To be awaited by the calling process, and by no other.</returns>
    /// <exception cref="CallFailedException">There is no such supervisor.</exception>
    public static ValueTask<Job<T>> AsyncNoLink<T>(ServerRef supervisor, Func<Task<T>> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<T>(function, job));
    }

    /// <inheritdoc cref="AsyncNoLink{T}(ServerRef, Func{Task{T}})"/>
    /// <param name="supervisor">Pid or registered name.</param>
    /// <param name="function">The function.</param>
    /// <param name="argument">What it is given.</param>
    public static ValueTask<Job<T>> AsyncNoLink<TArgument, T>(ServerRef supervisor, Func<TArgument, Task<T>> function, TArgument argument)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Under<T>(supervisor, job => new JobRun<TArgument, T>(function, argument, job));
    }

    /// <summary>Starts work for which nobody waits. Not started again when it fails; its crash report tells.</summary>
    public static ValueTask<Pid> StartChild(ServerRef supervisor, Func<ProcessTask> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return StartChild(supervisor, Spec(new Next.Plain(function, true)));
    }

    private static async ValueTask<Job<T>> Under<T>(ServerRef supervisor, Func<Job, Next> run)
    {
        var job = new Job<T>(Process.Here, JobTie.None);
        job.Started(await StartChild(supervisor, Spec(run(job))));
        return job;
    }

    private static ChildSpec Spec(Next function) => new("job", new ChildStart.Once(function), false) { Restart = Restart.Temporary };
}
