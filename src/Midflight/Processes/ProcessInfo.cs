namespace Midflight;

// What a process is, as it knows it itself and as others see it.
public static partial class Process
{
    /// <summary>What people see of the calling process beside its module, in reports and lists: OTP's <c>proc_lib:set_label</c>. Default: null.</summary>
    public static string? Label
    {
        get => Here.Label;
        set => Here.Bonds.Label = value;
    }

    /// <summary>The process that started the calling one linked to itself, the one that started that one, and so on: OTP's <c>$ancestors</c>.</summary>
    /// <remarks>The nearest first. It ends at a process that was not linked to its starter, or has ended.</remarks>
    public static IReadOnlyList<Pid> Ancestors => AncestorsOf(Here);

    /// <summary>On whose behalf the calling process works: of a job who started it, on whose behalf that one works, and so on. Elixir's <c>$callers</c>.</summary>
    /// <remarks>The nearest first; none for a process that is no job. Under a supervisor too, where the ancestors are the supervisor's.</remarks>
    public static IReadOnlyList<Pid> Callers => Midflight.Callers.Of(Here.Callers);

    /// <summary>What a process is and does: OTP's <c>process_info</c>. It is asked between two of its steps, also while asynchronous code of it waits.</summary>
    /// <param name="process">Which.</param>
    /// <param name="size">Whether to estimate the size of its state, which takes microseconds and more for a large one. Default: no.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null where it has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>A process whose code keeps its thread answers when it gives it back; <see cref="NodeMonitor.Processes"/> does not wait for it.</remarks>
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
