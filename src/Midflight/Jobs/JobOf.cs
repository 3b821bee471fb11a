namespace Midflight;

/// <summary>A job whose result is of a type.</summary>
public sealed class Job<T> : Job
{
    internal Job(Cell owner, JobTie tie)
        : base(owner, tie)
    {
    }

    /// <summary>Waits for the result.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s. The job goes on when it runs out, and can be awaited again.</param>
    /// <param name="cancellation">Ends the wait; the job goes on. <see cref="Shutdown"/> ends it.</param>
    /// <exception cref="CallFailedException">The job failed, or the wait ran out; <c>Failure</c> says which.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another process started it.</exception>
    public async ValueTask<T> Await(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        await Wait(timeout, cancellation);
        return Value;
    }

    internal T Value => Failure is { } reason
        ? throw new CallFailedException(CallFailure.Ended, Pid.ToString(), "a job", Door.Into(Owner.Body?.Version, reason))
        : Unboxed<T>.Unpack(Result, Bits, Owner);

    /// <summary>Waits for the outcome, and asks for no more than that: a failure is an outcome, and no outcome in time is null.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s; zero only looks.</param>
    /// <param name="cancellation">Ends the wait; the job goes on.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask<JobOutcome<T>?> Yield(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        try
        {
            await Wait(timeout, cancellation);
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
