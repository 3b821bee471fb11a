namespace Midflight;

/// <summary>A process that computes one thing for the process that started it. This is Elixir's Task.</summary>
/// <remarks>
/// <para>
/// It is called a job because <c>Task</c> already means <see cref="Task"/> in every C# file. Kotlin uses the word for the same thing: background
/// work that ends with its starter. Unlike a <see cref="Task"/> it is a process: it is linked, can be ended, and counts for a purge.
/// </para>
/// <para>
/// For a code version, a job is a process function: while it runs, it uses the version that it started in. Its result is converted to the
/// version of the process that awaits it.
/// </para>
/// <para>Work that nobody waits for is not a job: spawn a process, or use <see cref="JobSupervisor.StartChild"/>.</para>
/// </remarks>
public abstract class Job
{
    private JobWait? _waiting;
    private JobTie _tie;

    private protected Job(Cell owner, JobTie tie) => (Owner, _tie, Callers) = (owner, tie, new(owner.Pid, owner.Callers));

    /// <summary>The job's process.</summary>
    public Pid Pid { get; private set; }

    /// <summary>Whether there is an outcome, so that awaiting does not wait. Owner only.</summary>
    public bool IsDone { get; private set; }

    internal Cell Owner { get; }

    /// <summary>The processes on whose behalf its process works.</summary>
    internal Callers Callers { get; }

    private protected object? Result { get; private set; }

    private protected long Bits { get; private set; }

    private protected ExitReason? Failure { get; private set; }

    /// <summary>Starts a job linked to the calling process: if one fails, the other ends.</summary>
    /// <param name="function">A static method is looked up by name in the current code version; a lambda stays in its own version.</param>
    /// <returns>A job that only the calling process may await.</returns>
    public static Job<T> Async<T>(Func<Task<T>> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Linked<T>(job => new JobRun<T>(function, job));
    }

    /// <inheritdoc cref="Async{T}(Func{Task{T}})"/>
    /// <param name="function">The function.</param>
    /// <param name="argument">Its argument.</param>
    public static Job<T> Async<TArgument, T>(Func<TArgument, Task<T>> function, TArgument argument)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Linked<T>(job => new JobRun<TArgument, T>(function, argument, job));
    }

    /// <summary>Runs a function on each item, several at a time, and returns the outcomes as they come.</summary>
    /// <param name="items">Read when there is room for another job, so there may be many.</param>
    /// <param name="function">As in <see cref="Async{TArgument, T}(Func{TArgument, Task{T}}, TArgument)"/>.</param>
    /// <param name="options">How many at a time, in which order, for how long. Default: <see cref="JobStreamOptions.Default"/>.</param>
    /// <param name="cancellation">Ends the stream and its jobs.</param>
    /// <returns>One outcome for each item, for the calling process to read. If it stops reading, the running jobs end.</returns>
    /// <exception cref="CallFailedException">A job took too long, and the options do not say to continue.</exception>
    /// <exception cref="OperationCanceledException">The stream was cancelled.</exception>
    /// <remarks>
    /// When one job ends, the next starts, even while an earlier item in the order is not done. Jobs without a supervisor are tied to the
    /// reader: a failure ends it, like the exit signal of a link. If the reader traps exits, the failure is an outcome, and no message is sent.
    /// </remarks>
    public static IAsyncEnumerable<JobOutcome<TItem, T>> Stream<TItem, T>(
        IEnumerable<TItem> items, Func<TItem, Task<T>> function, JobStreamOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(function);
        return JobStream.Run(items, function, options ?? JobStreamOptions.Default, cancellation);
    }

    private static Job<T> Linked<T>(Func<Job, Next> run)
    {
        var job = new Job<T>(Process.Here, JobTie.Link);
        Process.Start(run(job), job.Owner, job.Begins);
        return job;
    }

    /// <summary>Starts a job of a stream: if one fails, the other ends, but its exit signal is never a message to the owner.</summary>
    internal static Job<T> OfStream<TItem, T>(Func<TItem, Task<T>> function, TItem item)
    {
        var job = new Job<T>(Process.Here, JobTie.Stream);
        Process.Start(new JobRun<TItem, T>(function, item, job), prepare: job.Begins, node: job.Owner.Node);
        return job;
    }

    // Before its process is scheduled.
    private void Begins(Cell cell)
    {
        Pid = cell.Pid;
        cell.Bonds.Watchers.Add(new JobWatch(this, cell.Pid));

        if (_tie == JobTie.Stream)
        {
            Owner.Bonds.Watchers.Add(new OwnerWatch(cell, Owner.Pid));
        }
    }

    /// <summary>A supervisor has started it. Owner only.</summary>
    internal void Started(Pid pid)
    {
        Pid = pid;
        pid.Cell!.Post(new MonitorSignal(new JobWatch(this, pid)));
    }

    /// <summary>Takes the outcome; only the first counts. Owner only.</summary>
    internal void Done(object? result, long bits, ExitReason? failure)
    {
        if (IsDone)
        {
            return;
        }

        (IsDone, Result, Bits, Failure) = (true, result, bits, failure);
        _waiting?.Done();
        _waiting = null;

        // Like the exit signal of a link.
        if (_tie == JobTie.Stream && failure is not (null or ExitReason.NormalReason) && !Owner.TrapsExits)
        {
            Owner.Ending ??= failure;
        }
    }

    /// <summary>Waits until a number of jobs have an outcome. Owner only.</summary>
    /// <param name="jobs">The jobs. Those that are done count.</param>
    /// <param name="count">How many outcomes; at least 1.</param>
    /// <param name="timeout">Longest wait; zero does not wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CallFailedException">The wait timed out.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    internal static async ValueTask Some(IReadOnlyCollection<Job> jobs, int count, TimeSpan timeout, CancellationToken cancellation)
    {
        var open = jobs.Where(job => !job.IsDone).Distinct().ToArray();
        var left = count - (jobs.Count - open.Length);

        if (left <= 0)
        {
            return;
        }

        var owner = Process.Here;
        var call = new PendingCall<object?>("a job", owner) { Server = open[0].Pid.Cell };
        var wait = new JobWait(call, left);

        foreach (var job in open)
        {
            job.MustBeMine();
            job._waiting = job._waiting is null or { IsOver: true } ? wait : throw new InvalidOperationException(
                $"Job {job.Pid} is already awaited. Await it once, and share its result.");
        }

        if (timeout == TimeSpan.Zero)
        {
            // No wait, only a check.
            call.TimeOut();
        }
        else
        {
            GenServer.Wait(call, owner, owner, timeout);
        }

        using var cancelling = call.FailOn(cancellation);
        await call.Task;
    }

    private void MustBeMine()
    {
        if (Owner != Cell.Current)
        {
            throw new InvalidOperationException($"Job {Pid} belongs to process {Owner.Pid}, which started it, and is awaited by {Cell.Current?.Pid.ToString() ?? "no process"}. Await it there.");
        }
    }

    /// <summary>Waits for the results of many jobs. Elixir's <c>await_many</c>.</summary>
    /// <param name="jobs">Started by the calling process.</param>
    /// <param name="timeout">Longest wait for all of them together. Default: 5 s. When it expires, the jobs continue.</param>
    /// <param name="cancellation">Ends the wait; the jobs continue.</param>
    /// <returns>The results, in the order of the jobs.</returns>
    /// <exception cref="CallFailedException">A job failed, or the wait timed out; <c>Failure</c> says which.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static async ValueTask<IReadOnlyList<T>> AwaitMany<T>(IReadOnlyCollection<Job<T>> jobs, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        await Some(jobs, jobs.Count, timeout ?? GenServer.DefaultCallTimeout, cancellation);
        return [.. jobs.Select(job => job.Value)];
    }

    /// <summary>Waits for the outcomes of many jobs; neither a failure nor a time-out throws. Elixir's <c>yield_many</c>.</summary>
    /// <param name="jobs">Started by the calling process.</param>
    /// <param name="timeout">Longest wait for all of them together. Default: 5 s; zero does not wait.</param>
    /// <param name="limit">How many outcomes are enough. Default: all.</param>
    /// <param name="cancellation">Ends the wait; the jobs continue.</param>
    /// <returns>The outcomes in the order of the jobs; null for a job without one in time. That job continues: shut it down, or await it again.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static async ValueTask<IReadOnlyList<JobOutcome<T>?>> YieldMany<T>(
        IReadOnlyCollection<Job<T>> jobs, TimeSpan? timeout = null, int? limit = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit ?? 1, 1, nameof(limit));

        try
        {
            await Some(jobs, Math.Min(jobs.Count, limit ?? jobs.Count), timeout ?? GenServer.DefaultCallTimeout, cancellation);
        }
        catch (CallFailedException late) when (late.Failure == CallFailure.TimedOut)
        {
        }

        return [.. jobs.Select(job => job.IsDone ? job.Outcome : (JobOutcome<T>?)null)];
    }

    private protected ValueTask Wait(TimeSpan? timeout, CancellationToken cancellation = default)
    {
        MustBeMine();
        return IsDone ? ValueTask.CompletedTask : Some([this], 1, timeout ?? GenServer.DefaultCallTimeout, cancellation);
    }

    private protected async ValueTask End(TimeSpan timeout)
    {
        if (_tie == JobTie.Link)
        {
            Process.Unlink(Pid);
        }

        _tie = JobTie.None;

        if (IsDone)
        {
            return;
        }

        Process.Exit(Pid, timeout == TimeSpan.Zero ? ExitReason.Kill : ExitReason.Shutdown);

        try
        {
            await Wait(timeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout);
        }
        catch (CallFailedException late) when (late.Failure == CallFailure.TimedOut)
        {
            Process.Exit(Pid, ExitReason.Kill);
            await Wait(Timeout.InfiniteTimeSpan);
        }
    }
}
