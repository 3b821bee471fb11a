namespace Midflight;

/// <summary>How a behaviour is started: OTP's start options.</summary>
public sealed record StartOptions
{
    /// <summary>Registered before Init runs. Default: no name.</summary>
    public string? Name { get; init; }

    /// <summary>A key of a registry, registered before Init runs. Default: none.</summary>
    public Via? Via { get; init; }

    /// <summary>How long Init may take before the process is killed. Default: <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</summary>
    /// <remarks>
    /// With a time-out, Init does not run on the starter's thread. An Init that blocks its thread is killed at its next safepoint. Its name is free at once,
    /// and the start waits for it at most one second more.
    /// </remarks>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Cancels the start, as when its time is over. Default: never.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>What people see beside its module: see <see cref="Process.Label"/>. Default: none.</summary>
    public string? Label { get; init; }

    /// <summary>Whether each event is written to the node's log from the first one on, as by <see cref="Sys.Trace"/>. Default: no.</summary>
    public bool Trace { get; init; }

    /// <summary>How many events its log keeps from the first one on, as by <see cref="Sys.Log"/>. Default: 0, no log.</summary>
    public int Log { get; init; }

    /// <summary>Whether it counts from the first event on, as by <see cref="Sys.Statistics"/>. Default: no.</summary>
    public bool Statistics { get; init; }

    /// <summary>Functions, by id, that are called for each event from the first one on, as by <see cref="Sys.Install"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, Func<DebugEvent, bool>> Install { get; init; } = System.Collections.Immutable.ImmutableDictionary<string, Func<DebugEvent, bool>>.Empty;

    internal bool IsLimited => Timeout != System.Threading.Timeout.InfiniteTimeSpan || Cancellation.CanBeCanceled;

    /// <summary>Switches on, before Init, what the options ask for. The cell's owner only.</summary>
    internal void Prepare(Cell cell, ServerBody body)
    {
        if (Label is not null)
        {
            cell.Bonds.Label = Label;
        }

        var debug = new DebugOptions();

        if (Trace)
        {
            debug.Add(new DebugOption.Trace());
        }

        if (Log > 0)
        {
            debug.Add(new DebugOption.Log(Log));
        }

        if (Statistics)
        {
            debug.Add(new DebugOption.Statistics(cell.Node.Time.GetUtcNow()));
        }

        foreach (var (id, function) in Install)
        {
            debug.Add(new DebugOption.Function(id, function));
        }

        if (!debug.IsEmpty)
        {
            body.Watch(debug);
        }
    }
}
