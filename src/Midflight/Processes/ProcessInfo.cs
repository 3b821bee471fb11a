namespace Midflight;

// What a process is, as seen by itself and by others.
public static partial class Process
{
    /// <summary>What people see of the calling process beside its module, in reports and lists: OTP's <c>proc_lib:set_label</c>. Default: null.</summary>
    public static string? Label
    {
        get => Here.Label;
        set => Here.Bonds.Label = value;
    }

    /// <summary>The process that started the calling process linked to itself, the starter of that one, and so on: OTP's <c>$ancestors</c>.</summary>
    /// <remarks>The nearest first. It ends at a process that was not linked to its starter, or that has ended.</remarks>
    public static IReadOnlyList<Pid> Ancestors => AncestorsOf(Here);

    /// <summary>The processes on whose behalf the calling process works: the starter of a job, the process on whose behalf that one works, and so on. Elixir's <c>$callers</c>.</summary>
    /// <remarks>The nearest first; none for a process that is not a job. Also under a supervisor, where the ancestors are the supervisor's.</remarks>
    public static IReadOnlyList<Pid> Callers => Midflight.Callers.Of(Here.Callers);

    /// <summary>A description of a process: OTP's <c>process_info</c>. It is taken between two of its steps, also while its asynchronous code waits.</summary>
    /// <param name="process">The process.</param>
    /// <param name="size">Whether to estimate the size of its state, which takes microseconds and more for a large one. Default: no.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null if it has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>A process that keeps its thread answers when it yields; <see cref="NodeMonitor.Processes"/> does not wait for it.</remarks>
    public static async ValueTask<ProcessDescription?> Info(Pid process, bool size = false, CancellationToken cancellation = default)
    {
        if (process.Cell is not { } cell || cell == Cell.Current)
        {
            return process.Cell is { } self ? ProcessDescription.Of(self, size) : null;
        }

        var asked = new TaskCompletionSource<ProcessDescription?>(TaskCreationOptions.RunContinuationsAsynchronously);
        cell.Do(owner => asked.TrySetResult(ProcessDescription.Of(owner, size)), _ => asked.TrySetResult(null));
        return await asked.Task.WaitAsync(cancellation);
    }

    internal static IReadOnlyList<Pid> AncestorsOf(Cell cell)
    {
        var all = new List<Pid>();

        for (var at = cell.Parent; at is not null; at = at.Parent)
        {
            all.Add(at.Pid);
        }

        return all;
    }
}
