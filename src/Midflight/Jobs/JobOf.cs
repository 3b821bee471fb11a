namespace Midflight;

/// <summary>A job with a result of a type.</summary>
public sealed class Job<T> : Job
{
    internal Job(Cell owner, JobTie tie)
        : base(owner, tie)
    {
    }

    /// <summary>Waits for the result.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s. When it expires, the job continues and can be awaited again.</param>
    /// <param name="cancellation">Ends the wait; the job continues. <see cref="Shutdown"/> ends it.</param>
    /// <exception cref="CallFailedException">The job failed, or the wait timed out; <c>Failure</c> says which.</exception>
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

    /// <summary>Waits for the outcome without throwing: a failure is an outcome, and null means no outcome in time.</summary>
    /// <param name="timeout">Longest wait. Default: 5 s; zero does not wait.</param>
    /// <param name="cancellation">Ends the wait; the job continues.</param>
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

    /// <summary>Ends the job and waits until it has ended. A linked job is unlinked first, so that its end does not affect the caller.</summary>
    /// <param name="timeout">How long it has after it was asked to shut down; then it is killed. Default: 5 s; zero kills at once.</param>
    /// <returns>Its outcome: the result, if the job was faster.</returns>
    public async ValueTask<JobOutcome<T>> Shutdown(TimeSpan? timeout = null)
    {
        await End(timeout ?? GenServer.DefaultCallTimeout);
        return Outcome;
    }

    internal JobOutcome<T> Outcome => Failure is { } reason ? new(default, Door.Into(Owner.Body?.Version, reason)) : new(Unboxed<T>.Unpack(Result, Bits, Owner), null);
}
