using System.Diagnostics.Metrics;

namespace Midflight;

/// <summary>The figures of a node for whoever listens to the meter <c>Midflight</c>.</summary>
/// <remarks>All but crashes are worked out when a listener asks, so they cost nothing until then. <c>docs/reference/metrics.md</c> lists them.</remarks>
internal sealed class NodeMeter : IDisposable
{
    private readonly Meter _meter = new("Midflight");
    private readonly Counter<long> _crashes;

    internal NodeMeter(Node node)
    {
        _meter.CreateObservableUpDownCounter("midflight.processes", () => node.ProcessCount, "{process}", "Processes that are alive.");
        _meter.CreateObservableCounter("midflight.processes.started", () => node.Processes.Started, "{process}", "Processes started since the node began.");
        _meter.CreateObservableUpDownCounter(
            "midflight.queue", () => node.Processes.All().Sum(cell => (long)cell.QueueLength()), "{message}", "Messages that wait, in all mailboxes.");
        _crashes = _meter.CreateCounter<long>("midflight.crashes", "{process}", "Processes that ended abnormally.");
    }

    internal void Crashed(Cell cell)
    {
        if (_crashes.Enabled)
        {
            _crashes.Add(1, new KeyValuePair<string, object?>("module", cell.Body?.ModuleName));
        }
    }

    public void Dispose() => _meter.Dispose();
}
