using Midflight.Host.Control;
using Midflight.Host.Evaluation;

namespace Midflight.Host;

/// <summary>The doors into a node that runs a release: the control channel with all that can be asked through it.</summary>
internal sealed class NodeDoors : IAsyncDisposable
{
    private readonly ReleaseHandler _releases;
    private readonly ControlServer _control;

    private NodeDoors(ReleaseHandler releases, ControlServer control) => (_releases, _control) = (releases, control);

    /// <summary>Opens them.</summary>
    /// <param name="hosted">The node; all its applications run.</param>
    /// <param name="end">Begins to stop it.</param>
    /// <param name="goesOn">Whether an upgrade has restarted it, which goes on then.</param>
    /// <param name="mayRestart">Whether <paramref name="end"/> can make it another node; if not, an upgrade that restarts the node is refused.</param>
    internal static NodeDoors Open(HostedNode hosted, Action<NodeEnd> end, bool goesOn, bool mayRestart = true)
    {
        var (node, code) = (hosted.Node, hosted.Code);
        var releases = new ReleaseHandler(node, code, hosted.Layout, hosted.Name, hosted.Version, end: mayRestart ? end : null, goesOn: goesOn);
        var control = new ControlServer(hosted.Layout.ControlSocket, node.Logger, node.Time);

        new NodeRequests(
            node,
            code,
            hosted.Name,
            () => (releases.Running, releases.IsCommitted ? "permanent" : "current"),
            () => releases.NotUnloaded,
            () => releases.LastUpgrade,
            () => end(new NodeEnd.Exit(0))).Register(control);
        ReleaseRequests.Register(control, releases);
        new ShellServer(node, code, releases.Alone).Serve(control);
        control.Start();

        if (goesOn)
        {
            // Its failure is told by the journal, and by what the node becomes.
            _ = releases.GoOn();
        }

        return new(releases, control);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync().ConfigureAwait(false);
        _releases.Dispose();
    }
}
