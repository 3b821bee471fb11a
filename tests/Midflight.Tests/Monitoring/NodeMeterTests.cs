using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using static Midflight.Process;

namespace Midflight.Tests.Monitoring;

/// <summary>What a listener to the meter of a node reads.</summary>
public sealed class NodeMeterTests : Processes.ProcessTest
{
    private static Task Fail() => throw new InvalidOperationException("meant");

    [Fact]
    public Task Processes_queues_and_crashes_are_read_by_a_listener() => Run(async () =>
    {
        // Other nodes of this test run have the same meter.
        var read = new ConcurrentQueue<(string Name, long Value, string? Module)>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => { if (instrument.Meter.Name == "Midflight") { to.EnableMeasurementEvents(instrument); } } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => read.Enqueue((instrument.Name, value, tags.Length > 0 ? tags[0].Value as string : null)));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => read.Enqueue((instrument.Name, value, null)));
        listener.Start();
        Send(Self, "waits");
        await EndOf(Spawn(Fail));
        listener.RecordObservableInstruments();
        Assert.Contains(read, entry => entry is { Name: "midflight.processes", Value: >= 1 });
        Assert.Contains(read, entry => entry is { Name: "midflight.processes.started", Value: >= 2 });
        Assert.Contains(read, entry => entry is { Name: "midflight.queue", Value: >= 1 });
        Assert.Contains(read, entry => entry is { Name: "midflight.crashes", Value: 1 } && entry.Module == typeof(NodeMeterTests).FullName);
    });
}
