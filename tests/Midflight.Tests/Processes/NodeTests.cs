namespace Midflight.Tests;

public sealed class NodeTests
{
    [Fact]
    public async Task Code_outside_of_processes_is_never_at_a_hidden_node()
    {
        await using var hidden = new Node(null, null, null, isHidden: true);
        await using var node = new Node();

        Assert.NotSame(hidden, Node.Current);
        await hidden.Run(() =>
        {
            Assert.Same(hidden, Node.Current);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task The_figures_of_a_hidden_node_are_not_in_the_meter_of_the_others()
    {
        var meters = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new System.Diagnostics.Metrics.MeterListener { InstrumentPublished = (instrument, _) => meters.Add(instrument.Meter.Name) };
        await using var hidden = new Node(null, null, null, isHidden: true);
        listener.Start();

        Assert.Contains("Midflight.Hidden", meters);
    }

    // Other tests have nodes too, so which one it is cannot be said here.
    [Fact]
    public async Task Code_outside_of_processes_is_at_a_node_as_long_as_one_runs()
    {
        var first = new Node();
        await using var second = new Node();
        await first.DisposeAsync();

        Assert.NotSame(first, Node.Current);
    }
}
