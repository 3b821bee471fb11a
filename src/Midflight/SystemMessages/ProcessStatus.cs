namespace Midflight;

/// <summary>What <see cref="Sys.GetStatus"/> tells of a process.</summary>
/// <param name="Pid">Which.</param>
/// <param name="Names">Its registered names.</param>
/// <param name="Module">The type that it runs.</param>
/// <param name="Version">The code version that it runs; null if its code is not hot.</param>
/// <param name="IsSuspended">Whether it waits for a resume.</param>
/// <param name="Parent">The linked process that started it; the pid of no process if none did.</param>
/// <param name="QueueLength">Messages that wait.</param>
/// <param name="State">Its state, as the module formats it.</param>
/// <param name="Debug">What <see cref="Sys"/> has switched on for it, the newest first: trace, log, statistics, functions with their ids.</param>
/// <param name="LoggedEvents">What its log holds, oldest first.</param>
public sealed record ProcessStatus(
    Pid Pid,
    IReadOnlyList<string> Names,
    string Module,
    string? Version,
    bool IsSuspended,
    Pid Parent,
    int QueueLength,
    object? State,
    IReadOnlyList<string> Debug,
    IReadOnlyList<string> LoggedEvents)
{
    internal static ProcessStatus Of(Cell cell, ServerBody body) => new(
        cell.Pid,
        [.. cell.Names],
        body.ModuleName,
        body.Version?.ToString(),
        cell.Suspended,
        cell.Parent is { } parent ? parent.Pid : default,
        cell.QueueLength(),
        body.Shown,
        body.Debug?.Names ?? [],
        body.Debug?.Find<DebugOption.Log>()?.Events ?? []);
}
