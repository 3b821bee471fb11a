using System.Diagnostics.Metrics;

namespace Midflight;

/// <summary>The figures of a node for listeners of the meter <c>Midflight</c>.</summary>
/// <remarks>Most figures are computed when a listener asks; only rare events are counted as they happen. <c>docs/reference/telemetry.md</c> lists all.</remarks>
internal sealed class NodeMeter : IDisposable
{
    /// <summary>The tag with the full name of a module.</summary>
    internal const string Module = "midflight.module";

    private readonly WeakMeter<Node> _meter;
    private readonly Counter<long> _crashes;
    private readonly Counter<long> _restarts;
    private readonly Counter<long> _unconverted;
    private readonly Counter<long> _sendsRefused;
    private readonly Counter<long> _castsShed;
    private readonly Counter<long> _connectionsRefused;

    /// <param name="node">The node.</param>
    /// <param name="isHidden">Whether the figures do not belong to what runs here, and so not to the meter <c>Midflight</c>.</param>
    internal NodeMeter(Node node, bool isHidden)
    {
        _meter = new(node, isHidden ? "Midflight.Hidden" : "Midflight");
        _meter.Level("midflight.processes", "{process}", "Live processes.", node => node.ProcessCount);
        _meter.Total("midflight.processes.started", "{process}", "Processes started since the node began.", node => node.Processes.Started);
        _meter.Total(
            "midflight.reductions", "{reduction}", "Messages and signals handled, by live and ended processes.", node => node.Processes.Reductions);
        _meter.Level("midflight.queue", "{message}", "Messages waiting in all mailboxes.", node => node.Processes.All().Sum(cell => (long)cell.QueueLength()));
        _meter.Level("midflight.timers", "{timer}", "Pending timers and time-outs.", node => node.Timers.Count);
        _meter.Level("midflight.tcp.connections", "{connection}", "Open TCP connections.", node => Volatile.Read(ref node.Connections));
        _meter.Level("midflight.tcp.waiting", "By", "Memory of data that waits to be sent, handled or completed, on all sockets.", node => node.TcpBudget.Used);
        _meter.Level("midflight.tcp.listeners.paused", "{listener}", "Listeners that have stopped accepting until there is room.", node => Volatile.Read(ref node.PausedListeners));
        _meter.Level("midflight.descriptors", "{descriptor}", "Open files, sockets included.", _ => Descriptors.Used);
        _meter.Level("midflight.descriptors.limit", "{descriptor}", "Open files that the system allows.", node => node.Descriptors.Limit);
        _sendsRefused = _meter.Counter("midflight.tcp.sends.refused", "{send}", "Sends refused because too much was already waiting.");
        _connectionsRefused = _meter.Counter("midflight.tcp.connections.refused", "{connection}", "Connections reset because their address has too many.");
        _castsShed = _meter.Counter("midflight.casts.shed", "{cast}", "Casts dropped because their server's mailbox was over its limit.");
        _crashes = _meter.Counter("midflight.crashes", "{process}", "Processes that ended abnormally.");
        _restarts = _meter.Counter("midflight.restarts", "{restart}", "Children restarted by their supervisors.");
        _unconverted = _meter.Counter("midflight.conversions.failed", "{value}", "States and messages that could not be converted.");
    }

    internal void Crashed(string? module) => _crashes.Count(1, new KeyValuePair<string, object?>(Module, module));

    internal void Restarted(string module) => _restarts.Count(1, new KeyValuePair<string, object?>(Module, module));

    /// <summary>A process ended because a value could not be converted.</summary>
    internal void Unconverted(string module) => _unconverted.Count(1, new KeyValuePair<string, object?>(Module, module));

    internal void CastShed() => _castsShed.Count(1);

    internal void SendRefused() => _sendsRefused.Count(1);

    internal void ConnectionRefused() => _connectionsRefused.Count(1);

    public void Dispose() => _meter.Dispose();
}
