namespace Midflight;

/// <summary>The answer of <see cref="Sys.GetStatus"/>.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Names">Its registered names.</param>
/// <param name="Module">The type that it runs.</param>
/// <param name="Version">The code version that it runs; null if its code is not hot.</param>
/// <param name="IsSuspended">Whether it waits to be resumed.</param>
/// <param name="Parent">The linked process that started it; the pid of no process if none did.</param>
/// <param name="QueueLength">Number of waiting messages.</param>
/// <param name="State">Its state, as the module formats it.</param>
/// <param name="Debug">What <see cref="Sys"/> has switched on for it, the newest first: trace, log, statistics, functions by id.</param>
/// <param name="LoggedEvents">The events in its log, oldest first.</param>
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
