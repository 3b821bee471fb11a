namespace Midflight;

/// <summary>A description of a process, given by itself between two of its steps. See <see cref="Process.Info"/>.</summary>
/// <param name="Snapshot">Its module, names, queue and activity.</param>
/// <param name="Label">Its label beside its module; null for most.</param>
/// <param name="TrapsExits">Whether it gets exit signals as messages.</param>
/// <param name="Ancestors">The process that started it linked to itself, the starter of that one, and so on; the nearest first.</param>
/// <param name="Callers">The processes on whose behalf it works, if it is a job; the nearest first.</param>
/// <param name="Links">The processes that it is linked to, in no particular order.</param>
/// <param name="Monitors">The processes that it monitors, in no particular order; each as often as it is monitored.</param>
/// <param name="MonitoredBy">The processes that monitor it, in no particular order; each as often as it does.</param>
public sealed record ProcessDescription(
    ProcessSnapshot Snapshot,
    string? Label,
    bool TrapsExits,
    IReadOnlyList<Pid> Ancestors,
    IReadOnlyList<Pid> Callers,
    IReadOnlyList<Pid> Links,
    IReadOnlyList<Pid> Monitors,
    IReadOnlyList<Pid> MonitoredBy)
{
    /// <summary>For a process that the caller owns. Null if it has ended.</summary>
    internal static ProcessDescription? Of(Cell cell, bool size) => NodeMonitor.Snapshot(cell, [.. cell.Names], size) is not { } snapshot ? null : new(
        snapshot,
        cell.Label,
        cell.TrapsExits,
        Process.AncestorsOf(cell),
        Midflight.Callers.Of(cell.Callers),
        [.. cell.Links.All().Select(linked => linked.Pid)],
        [.. cell.Bonds.Watched.Select(monitor => monitor.Target)],
        [.. cell.Bonds.Watchers.Select(monitor => monitor.Watcher.Pid)]);
}
