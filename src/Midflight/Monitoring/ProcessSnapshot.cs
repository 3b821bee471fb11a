namespace Midflight;

/// <summary>A process as it was when somebody looked: OTP's <c>process_info</c>.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Names">Its registered names; mostly none or one.</param>
/// <param name="Module">Its module: a type's full name.</param>
/// <param name="Version">The code version that it runs, such as <c>octochat 0.2.0 (#2)</c>; null for code that is not hot.</param>
/// <param name="Activity">What it does.</param>
/// <param name="Function">
/// What it handles, or handled last: a process function, or a module with the type of its message. Null where it has not begun.
/// </param>
/// <param name="QueueLength">Messages that wait.</param>
/// <param name="Reductions">Messages handled and continuations run since it began. One that runs has its present slice added at the end of it.</param>
/// <param name="StateBytes">
/// Bytes of its state with all that it refers to, as far as that is its own; an estimate. Null where it was not asked for.
/// </param>
public sealed record ProcessSnapshot(
    Pid Pid,
    IReadOnlyList<string> Names,
    string Module,
    string? Version,
    ProcessActivity Activity,
    string? Function,
    int QueueLength,
    long Reductions,
    long? StateBytes)
{
    /// <summary>What it calls itself beside its module: see <see cref="Process.Label"/>; null for most.</summary>
    public string? Label { get; init; }
}

/// <summary>What a process does.</summary>
public enum ProcessActivity
{
    /// <summary>It waits for a message.</summary>
    Waiting,

    /// <summary>It runs, or is in line to run.</summary>
    Running,

    /// <summary>Asynchronous code of it waits for something that is no message.</summary>
    Awaiting,

    /// <summary>It is suspended, by <see cref="Sys"/> or an upgrade.</summary>
    Suspended,
}

/// <summary>By what processes are ranked.</summary>
public enum ProcessOrder
{
    /// <summary>Most messages that wait.</summary>
    Queue,

    /// <summary>Most messages handled since the process began.</summary>
    Reductions,

    /// <summary>Largest state.</summary>
    Memory,
}
