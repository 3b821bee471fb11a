using Microsoft.Extensions.Logging;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>The life of the operating system process that is a node: start, serve, stop.</summary>
internal static partial class NodeBoot
{
    /// <summary>Runs a release until it is told to stop, by SIGTERM, SIGINT or through <paramref name="attach"/>.</summary>
    /// <param name="root">The folder of the releases.</param>
    /// <param name="version">The version to start.</param>
    /// <param name="output">Where the node logs.</param>
    /// <param name="attach">
    /// Called when all applications run, to open the doors into the node. Given what stops the node; what it returns is closed
    /// before the applications are stopped.
    /// </param>
    /// <param name="goesOn">Whether an upgrade has restarted the node, which goes on: then no failure to start is the end of it.</param>
    /// <param name="signals">What else tells it to stop. Default: SIGTERM and SIGINT.</param>
    /// <returns>What the process is to become. Nothing of the node is left.</returns>
    internal static async Task<NodeEnd> Run(
        string root, string version, TextWriter output, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach = null, bool goesOn = false,
        StopSignals? signals = null)
    {
        var logger = new LineLogger(output, TimeProvider.System);
        var layout = new ReleaseLayout(root);
        FaultPoint.Folder = layout.Run;

        try
        {
            using var alone = await NodeLock.Take(layout, TimeProvider.System).ConfigureAwait(false);
            var stop = signals ?? new StopSignals();
            NodeEnd end;

            using (stop)
            {
                end = await Live(layout, version, logger, attach, goesOn, stop).ConfigureAwait(false);
            }

            // Told to stop while it stopped already, to become another, which would never hear of it.
            return end is not NodeEnd.Exit && stop.Told.IsCompleted ? new NodeEnd.Exit(0) : end;
        }
        // A file of the node that cannot be read or written as well: there is no more to tell than which.
        catch (Exception exception) when (exception is BootFailedException or NodeRunningException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            NotStarted(logger, exception.Message);
            return new NodeEnd.Exit(1);
        }
    }

    private static async Task<NodeEnd> Live(
        ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach, bool goesOn, StopSignals stop)
    {
        try
        {
            if (goesOn)
            {
                FaultPoint.Reach("restart:starting");
            }

            var end = await Serve(layout, version, logger, attach, goesOn, stop).ConfigureAwait(false);

            if (end is NodeEnd.GoOn)
            {
                FaultPoint.Reach("restart:stopped");
            }

            return end;
        }
        // Whatever it is: the release before did start.
        catch (Exception exception) when (goesOn)
        {
            return StartOver(layout, logger, exception.Message);
        }
    }

    private static async Task<NodeEnd> Serve(
        ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach, bool goesOn, StopSignals stop)
    {
        var told = new TaskCompletionSource<NodeEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await HostedNode.Start(layout, version, logger).ConfigureAwait(false);
        await using var doors = attach?.Invoke(node, end => told.TrySetResult(end));

        if (await Task.WhenAny(told.Task, stop.Told, node.Exit).ConfigureAwait(false) != node.Exit)
        {
            return stop.Told.IsCompleted ? new NodeEnd.Exit(0) : await told.Task.ConfigureAwait(false);
        }

        var exit = await node.Exit.ConfigureAwait(false);
        ApplicationEnded(logger, exit);
        return goesOn && new ReleaseJournal(layout, TimeProvider.System, logger).Read() is { IsOver: false }
            ? StartOver(layout, logger, exit.ToString())
            : new NodeEnd.Exit(1);
    }

    // The upgrade ends here, rolled back: what is committed starts.
    private static NodeEnd.StartOver StartOver(ReleaseLayout layout, LineLogger logger, string why)
    {
        var journal = new ReleaseJournal(layout, TimeProvider.System, logger);

        if (journal.Read() is { } entry)
        {
            var outcome = $"Behind its restart the upgrade from {entry.From} to {entry.To} failed: {why} Rolled back: {StartFile.Read(layout)?.Release} is started again.";
            NotStarted(logger, outcome);
            journal.Write(entry.From, entry.To, UpgradePhase.Ended, outcome);
        }

        return new NodeEnd.StartOver();
    }

    [LoggerMessage(EventId = 32, EventName = "NodeNotStarted", Level = LogLevel.Critical, Message = "{Why}")]
    private static partial void NotStarted(ILogger logger, string why);

    [LoggerMessage(EventId = 33, EventName = "NodeEnds", Level = LogLevel.Critical, Message = "{Exit} So the node ends.")]
    private static partial void ApplicationEnded(ILogger logger, ApplicationExit exit);
}
