namespace Midflight;

/// <summary>A snapshot of a process: OTP's <c>process_info</c>.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Names">Its registered names; usually none or one.</param>
/// <param name="Module">Its module: a type's full name.</param>
/// <param name="Version">The code version that it runs, such as <c>octochat 0.2.0 (#2)</c>; null for code that is not hot.</param>
/// <param name="Activity">What it is doing.</param>
/// <param name="Function">
/// What it handles, or handled last: a process function, or a module with the type of its message. Null if it has not started.
/// </param>
/// <param name="QueueLength">Number of waiting messages.</param>
/// <param name="Reductions">Messages handled and continuations run since it started. The current slice of a running process is added when the slice ends.</param>
/// <param name="StateBytes">
/// Estimated bytes of its state, with everything that it refers to and that is its own. Null if not requested.
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
    /// <summary>Its label beside its module: see <see cref="Process.Label"/>; null for most.</summary>
    public string? Label { get; init; }
}

/// <summary>What a process is doing.</summary>
public enum ProcessActivity
{
    /// <summary>It waits for a message.</summary>
    Waiting,

    /// <summary>It is running, or ready to run.</summary>
    Running,

    /// <summary>Its asynchronous code waits for something that is not a message.</summary>
    Awaiting,

    /// <summary>It is suspended, by <see cref="Sys"/> or an upgrade.</summary>
    Suspended,
}

/// <summary>How processes are sorted.</summary>
public enum ProcessOrder
{
    /// <summary>Most waiting messages.</summary>
    Queue,

    /// <summary>Most messages handled since the process started.</summary>
    Reductions,

    /// <summary>Largest state.</summary>
    Memory,
}
