using System.Collections.Concurrent;
using System.Diagnostics;

namespace Midflight.Tests.Monitoring;

/// <summary>Tests that listen to spans run when no other does: whoever listens does so to the whole operating system process.</summary>
[CollectionDefinition(nameof(Listening), DisableParallelization = true)]
public sealed class Listening;

/// <summary>The spans of one trace, in the order in which they end.</summary>
internal sealed class Trace : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();

    internal Trace(ActivitySamplingResult sampling = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == "Midflight",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What the test itself does: whatever it calls is below it.</summary>
    internal Activity Root { get; } = new("test");

    internal IReadOnlyList<Activity> Ended => [.. _ended.Where(span => span.TraceId == Root.TraceId)];

    internal IReadOnlyList<string> Names => [.. Ended.Select(span => $"{span.Kind} {span.OperationName}")];

    internal Activity Of(ActivityKind kind) => Assert.Single(Ended, span => span.Kind == kind);

    public void Dispose()
    {
        _listener.Dispose();
        Root.Dispose();
    }
}
