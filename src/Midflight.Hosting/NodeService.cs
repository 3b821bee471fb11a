using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midflight.Host;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Hosting;

/// <summary>Starts what runs on the node with the host, and stops it with the host.</summary>
internal sealed partial class NodeService(
    Node node, ModuleScopes scopes, MidflightSettings settings, IHostApplicationLifetime lifetime, IHostEnvironment environment) : IHostedService, IAsyncDisposable
{
    private NodeLock? _alone;
    private HostedNode? _release;
    private NodeDoors? _doors;

    /// <summary>Whether everything that starts with the host has started.</summary>
    internal bool HasStarted { get; private set; }

    /// <summary>The releases of the node; null if it runs none.</summary>
    internal ReleaseHandler? Releases => _doors?.Releases;

    /// <summary>Where the release lies that runs; null while none does.</summary>
    internal ReleaseLayout? Layout => _release?.Layout;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // From the beginning, because an application may end while another is still starting.
        _ = StopWithApplications();
        await node.Applications.Start(settings.Applications).ConfigureAwait(false);

        if (settings.Release is { } folder)
        {
            await Start(new ReleaseLayout(Path.Combine(environment.ContentRootPath, folder))).ConfigureAwait(false);
        }

        HasStarted = true;
    }

    private async Task Start(ReleaseLayout layout)
    {
        var version = StartFile.Read(layout)?.Release ?? First(layout);
        _alone = await NodeLock.Take(layout, node.Time).ConfigureAwait(false);
        _release = await HostedNode.Start(layout, version, node, isInHost: true).ConfigureAwait(false);

        // We may not restart the host.
        _doors = NodeDoors.Open(_release, _ => lifetime.StopApplication(), goesOn: false, mayRestart: false);
        _ = lifetime.ApplicationStopping.Register(_doors.NodeStops);
    }

    // Like bin/NAME: a folder that was unpacked by tar and never started has no committed release.
    private static string First(ReleaseLayout layout)
    {
        if (ReleasesFile.Read(layout) is not [var only])
        {
            throw new InvalidOperationException(
                $"There is no committed release in {layout.Root}. Unpack one there that `midflight release` has built, or correct the folder that AddMidflight names.");
        }

        FirstStart.Commit(layout, only.Version);
        return only.Version;
    }

    private async Task StopWithApplications()
    {
        var exit = await node.Applications.Exit.ConfigureAwait(false);
        Ends(node.Logger, exit);

        // So that whoever watches the program starts it again.
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_doors is not null)
        {
            await _doors.DisposeAsync().ConfigureAwait(false);
            _doors = null;
        }

        var stopping = (_release?.DisposeAsync() ?? node.DisposeAsync()).AsTask();
        _release = null;

        try
        {
            await stopping.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCompleted)
        {
            Late(node.Logger, string.Join(", ", node.Applications.Running.Select(running => running.Name)));
            node.Kill();
            await stopping.ConfigureAwait(false);
        }

        await scopes.DisposeAsync().ConfigureAwait(false);
        _alone?.Dispose();
        _alone = null;
    }

    /// <summary>If the host did not start, or was not stopped, this is the only end there is.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    [LoggerMessage(EventId = 82, EventName = "HostEnds", Level = LogLevel.Critical, Message = "{Exit} So the host stops.")]
    private static partial void Ends(ILogger logger, ApplicationExit exit);

    [LoggerMessage(EventId = 83, EventName = "ShutdownTimeout", Level = LogLevel.Error,
        Message = "The host's ShutdownTimeout is over and {Applications} not stopped; their processes are killed. Give them less time in their supervisors, or give the host more.")]
    private static partial void Late(ILogger logger, string applications);
}
