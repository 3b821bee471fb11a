using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Host.Evaluation;
using Midflight.Host.Observation;

namespace Midflight.Host;

/// <summary>The doors into a node that runs a release: the control channel with all that can be asked through it.</summary>
internal sealed class NodeDoors : IAsyncDisposable
{
    private readonly ReleaseHandler _releases;
    private readonly ControlServer _control;

    private readonly AuditLog _audit;

    private NodeDoors(ReleaseHandler releases, ControlServer control, AuditLog audit) => (_releases, _control, _audit) = (releases, control, audit);

    /// <summary>The releases of the node.</summary>
    internal ReleaseHandler Releases => _releases;

    /// <summary>Opens them.</summary>
    /// <param name="hosted">The node; all its applications run.</param>
    /// <param name="end">Begins to stop it.</param>
    /// <param name="goesOn">Whether an upgrade has restarted it, which goes on then.</param>
    /// <param name="mayRestart">Whether <paramref name="end"/> can make it another node; if not, an upgrade that restarts the node is refused.</param>
    internal static NodeDoors Open(HostedNode hosted, Action<NodeEnd> end, bool goesOn, bool mayRestart = true)
    {
        var (node, code) = (hosted.Node, hosted.Code);
        var releases = new ReleaseHandler(node, code, hosted.Layout, hosted.Name, hosted.Version, end: mayRestart ? end : null, goesOn: goesOn);
        var audit = AuditLog.Open(hosted.Layout, hosted.Name, node.Time);
        var control = new ControlServer(hosted.Layout.ControlSocket, node.Logger, node.Time, audit: audit);

        new NodeRequests(
            node,
            code,
            hosted.Name,
            () => (releases.Running, releases.IsCommitted ? "permanent" : "current"),
            () => releases.Old.Unloads.Waiting.Length,
            () => releases.LastUpgrade,
            Stop).Register(control);
        new ObserverRequests(node, hosted.Layout, hosted.Name).Register(control);
        ReleaseRequests.Register(control, releases);
        control.Handle<SnapshotRequest, SnapshotReply>(async (request, _, _) => await new Snapshot(node, code, hosted.Name, releases.Running).Take(request, InstallSettings.Default.SuspendTimeout));
        new ShellServer(node, code, releases.Alone).Serve(control);
        control.Start();

        if (goesOn)
        {
            // Its failure is told by the journal, and by what the node becomes.
            _ = releases.GoOn();
        }

        return new(releases, control, audit);

        void Stop()
        {
            end(new NodeEnd.Exit(0));
            releases.NodeStops();
        }
    }

    /// <summary>The node begins to stop: no release is committed any more. Done by <see cref="DisposeAsync"/> at the latest.</summary>
    internal void NodeStops() => _releases.NodeStops();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        NodeStops();
        await _control.DisposeAsync().ConfigureAwait(false);
        _releases.Dispose();
        _audit.Dispose();
    }
}
