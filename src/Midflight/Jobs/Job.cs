namespace Midflight;

/// <summary>A process that computes one thing for the process that started it. Elixir's Task.</summary>
/// <remarks>
/// <para>
/// Called a job, because in every C# file <c>Task</c> is <see cref="Task"/> already; Kotlin uses the word for the same thing: work in the
/// background that ends with who began it. Unlike a <see cref="Task"/> it is a process: it is linked, can be ended, and a purge counts it.
/// </para>
/// <para>
/// To a code version a job is a process function: as long as it runs it uses the version that it began in. Its result is converted to the
/// version of who awaits it.
/// </para>
/// <para>Work for which nobody waits is no job: spawn a process, or give it to <see cref="JobSupervisor.StartChild"/>.</para>
/// </remarks>
public abstract class Job
{
    private PendingCall? _waiting;
    private readonly bool _isLinked;

    private protected Job(Cell owner, bool isLinked) => (Owner, _isLinked) = (owner, isLinked);

    /// <summary>The job's process.</summary>
    public Pid Pid { get; private set; }

    /// <summary>Whether there is an outcome, so that awaiting it does not wait. Owner only.</summary>
    public bool IsDone { get; private set; }

    internal Cell Owner { get; }

    private protected object? Result { get; private set; }

    private protected long Bits { get; private set; }

    private protected ExitReason? Failure { get; private set; }

    /// <summary>Starts a job linked to the calling process: each ends when the other fails.</summary>
    /// <param name="function">A static method is looked up by its name in the current code version; a lambda stays in its own.</param>
    /// <returns>To be awaited by the calling process, and by no other.</returns>
    public static Job<T> Async<T>(Func<Task<T>> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Linked<T>(job => new JobRun<T>(function, job));
    }

    /// <inheritdoc cref="Async{T}(Func{Task{T}})"/>
    /// <param name="function">The function.</param>
    /// <param name="argument">What it is given.</param>
    public static Job<T> Async<TArgument, T>(Func<TArgument, Task<T>> function, TArgument argument)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Linked<T>(job => new JobRun<TArgument, T>(function, argument, job));
    }

    /// <summary>Runs a function on each item, some of them at once, and gives the outcomes as they come.</summary>
    /// <param name="items">Taken when there is room for another job, so they may be many.</param>
    /// <param name="function">As in <see cref="Async{TArgument, T}(Func{TArgument, Task{T}}, TArgument)"/>.</param>
    /// <param name="options">How many at once, in which order, for how long. Default: <see cref="JobStreamOptions.Default"/>.</param>
    /// <returns>One outcome for each item. To be read by the calling process; who stops reading ends the jobs that run.</returns>
    /// <exception cref="CallFailedException">A job took too long, and the options do not say to go on.</exception>
    public static IAsyncEnumerable<JobOutcome<T>> Stream<TItem, T>(IEnumerable<TItem> items, Func<TItem, Task<T>> function, JobStreamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(function);
        return JobStream.Run(items, function, options ?? JobStreamOptions.Default);
    }

    private static Job<T> Linked<T>(Func<Job, Next> run)
    {
        var job = new Job<T>(Process.Here, isLinked: true);
        Process.Start(run(job), job.Owner, cell => job.Begun(cell.Pid, new JobWatch(job, cell.Pid), cell));
        return job;
    }

    private void Begun(Pid pid, JobWatch watch, Cell cell)
    {
        Pid = pid;
        cell.Bonds.Watchers.Add(watch);
    }

    /// <summary>A supervisor has started it. Owner only.</summary>
    internal void Started(Pid pid)
    {
        Pid = pid;
        pid.Cell!.Post(new MonitorSignal(new JobWatch(this, pid)));
    }

    /// <summary>Takes the outcome; the first counts. Owner only.</summary>
    internal void Done(object? result, long bits, ExitReason? failure)
    {
        if (!IsDone)
        {
            (IsDone, Result, Bits, Failure) = (true, result, bits, failure);
            _waiting?.Reply(null, 0);
            _waiting = null;
        }
    }

    /// <summary>Waits until one of some jobs has an outcome. Owner only.</summary>
    /// <exception cref="CallFailedException">The wait ran out.</exception>
    internal static async ValueTask Any(IReadOnlyList<Job> jobs, TimeSpan timeout)
    {
        if (jobs.Any(job => job.IsDone))
        {
            return;
        }

        var owner = Process.Here;
        var call = new PendingCall<object?>("a job", owner) { Server = jobs[0].Pid.Cell };

        foreach (var job in jobs)
        {
            job._waiting = job._waiting is null or { IsReply: true } ? call : throw new InvalidOperationException(
                $"Job {job.Pid} is awaited already. Await it once, and share what it gives.");
        }

        if (timeout == TimeSpan.Zero)
        {
            // Only a look.
            call.TimeOut();
        }
        else
        {
            GenServer.Wait(call, owner, owner, timeout);
        }

        await call.Task;
    }

    private protected ValueTask Wait(TimeSpan? timeout)
    {
        if (Owner != Cell.Current)
        {
            throw new InvalidOperationException($"Job {Pid} belongs to process {Owner.Pid}, which started it, and is awaited by {Cell.Current?.Pid.ToString() ?? "no process"}. Await it there.");
        }

        return IsDone ? ValueTask.CompletedTask : Any([this], timeout ?? GenServer.DefaultCallTimeout);
    }

    private protected async ValueTask End(TimeSpan timeout)
    {
        if (_isLinked)
        {
            Process.Unlink(Pid);
        }

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

/// <summary>A job whose result is of a type.</summary>
public sealed class Job<T> : Job
{
    internal Job(Cell owner, bool isLinked)
        : base(owner, isLinked)
    {
    }

    /// <summary>Waits for the result.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s. The job goes on when it runs out, and can be awaited again.</param>
    /// <exception cref="CallFailedException">The job failed, or the wait ran out; <c>Failure</c> says which.</exception>
    /// <exception cref="InvalidOperationException">Another process started it.</exception>
    public async ValueTask<T> Await(TimeSpan? timeout = null)
    {
        await Wait(timeout);
        return Failure is { } reason
            ? throw new CallFailedException(CallFailure.Ended, Pid.ToString(), "a job", Door.Into(Owner.Body?.Version, reason))
            : Unboxed<T>.Unpack(Result, Bits, Owner);
    }

    /// <summary>Waits for the outcome, and asks for no more than that: a failure is an outcome, and no outcome in time is null.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s; zero only looks.</param>
    public async ValueTask<JobOutcome<T>?> Yield(TimeSpan? timeout = null)
    {
        try
        {
            await Wait(timeout);
            return Outcome;
        }
        catch (CallFailedException late) when (late.Failure == CallFailure.TimedOut)
        {
            return null;
        }
    }

    /// <summary>Ends the job, and waits for its end. A linked one is unlinked first, so that its end is not the caller's.</summary>
    /// <param name="timeout">How long it has after it was asked to shut down; then it is killed. Default: 5 s; zero kills at once.</param>
    /// <returns>Its outcome: the result, where it was quicker.</returns>
    public async ValueTask<JobOutcome<T>> Shutdown(TimeSpan? timeout = null)
    {
        await End(timeout ?? GenServer.DefaultCallTimeout);
        return Outcome;
    }

    internal JobOutcome<T> Outcome => Failure is { } reason ? new(default, Door.Into(Owner.Body?.Version, reason)) : new(Unboxed<T>.Unpack(Result, Bits, Owner), null);
}

/// <summary>What became of a job.</summary>
/// <param name="Value">The result, where it succeeded.</param>
/// <param name="Failure">Why it ended without; null where it succeeded.</param>
public readonly record struct JobOutcome<T>(T? Value, ExitReason? Failure)
{
    /// <summary>Whether there is a result.</summary>
    public bool Succeeded => Failure is null;
}
