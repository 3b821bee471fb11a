using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>How <see cref="Job.Stream{TItem, T}"/> runs its jobs.</summary>
public sealed record JobStreamOptions
{
    /// <summary>As many jobs at a time as there are processors, in the order of the items, 5 s each, tied to the caller.</summary>
    public static JobStreamOptions Default { get; } = new();

    /// <summary>Jobs that run at the same time; at least 1. Default: the number of processors.</summary>
    public int MaxConcurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether the outcomes come in the order of the items; otherwise as they are done. Default: yes.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>How long one job may take; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> means forever. Default: 5 s.</summary>
    public TimeSpan Timeout { get; init; } = GenServer.DefaultCallTimeout;

    /// <summary>Whether a job that takes too long is killed, with the outcome <see cref="ExitReason.Killed"/>; otherwise the stream ends with an exception. Default: no.</summary>
    public bool KillOnTimeout { get; init; }

    /// <summary>A <see cref="JobSupervisor"/> under which the jobs are started, unlinked, so that a failure is an outcome. Default: none; they are tied to the caller.</summary>
    public ServerRef? Supervisor { get; init; }
}

/// <summary>Keeps some jobs running until there are no more items.</summary>
internal static class JobStream
{
    internal static async IAsyncEnumerable<JobOutcome<TItem, T>> Run<TItem, T>(
        IEnumerable<TItem> items, Func<TItem, Task<T>> function, JobStreamOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrency, 1);
        var timers = Process.Here.Node.Timers;

        // In start order, and so in the order of their deadlines.
        var running = new List<(Job<T> Job, long Deadline)>();

        // Those whose outcome has not been returned yet, in the order of the items.
        var open = new LinkedList<(Job<T> Job, TItem Item)>();
        using var next = items.GetEnumerator();

        try
        {
            var more = true;

            while (true)
            {
                running.RemoveAll(static one => one.Job.IsDone);

                while (more && running.Count < options.MaxConcurrency && (more = next.MoveNext()))
                {
                    var item = next.Current;
                    var job = options.Supervisor is { } supervisor
                        ? await JobSupervisor.AsyncNoLink(supervisor, function, item)
                        : Job.OfStream(function, item);
                    running.Add((job, timers.After(options.Timeout)));
                    open.AddLast((job, item));
                }

                if (open.First is not { } given)
                {
                    break;
                }

                while (!options.Ordered && !given.Value.Job.IsDone && given.Next is { } following)
                {
                    given = following;
                }

                if (given.Value.Job.IsDone)
                {
                    open.Remove(given);
                    var (value, failure) = given.Value.Job.Outcome;
                    yield return new(given.Value.Item, value, failure);
                }
                else
                {
                    await One(running, options, cancellation);
                }
            }
        }
        finally
        {
            foreach (var (job, _) in running)
            {
                await job.Shutdown(TimeSpan.Zero);
            }
        }
    }

    // Waits until a running job has an outcome. The first one's time ends first.
    private static async ValueTask One<T>(List<(Job<T> Job, long Deadline)> running, JobStreamOptions options, CancellationToken cancellation)
    {
        var (first, deadline) = running[0];
        var left = deadline == long.MaxValue
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromMilliseconds(Math.Max(0, deadline - Process.Here.Node.Timers.Now));

        try
        {
            await Job.Some(running.ConvertAll(static Job (one) => one.Job), 1, left, cancellation);
        }
        catch (CallFailedException late) when (late.Failure == CallFailure.TimedOut && options.KillOnTimeout)
        {
            await first.Shutdown(TimeSpan.Zero);
        }
    }
}
