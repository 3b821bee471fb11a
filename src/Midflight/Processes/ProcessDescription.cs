namespace Midflight;

/// <summary>What a process is and does, as it said itself between two of its steps. See <see cref="Process.Info"/>.</summary>
/// <param name="Snapshot">Its module, names, queue, and what it does.</param>
/// <param name="Label">What it calls itself beside its module; null for most.</param>
/// <param name="TrapsExits">Whether exit signals are messages to it.</param>
/// <param name="Ancestors">Who started it linked to itself, who started that one, and so on; the nearest first.</param>
/// <param name="Callers">On whose behalf it works, where it is a job; the nearest first.</param>
/// <param name="Links">The processes that it is linked to, in no order.</param>
/// <param name="Monitors">The processes that it monitors, in no order; one as often as it does.</param>
/// <param name="MonitoredBy">The processes that monitor it, in no order; one as often as it does.</param>
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
    /// <summary>Of a process that the caller owns. Null where it has ended.</summary>
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
