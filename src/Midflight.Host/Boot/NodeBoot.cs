using System.Runtime.InteropServices;
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
    /// <returns>What the process is to become. Nothing of the node is left.</returns>
    internal static async Task<NodeEnd> Run(
        string root, string version, TextWriter output, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach = null, bool goesOn = false)
    {
        var logger = new LineLogger(output, TimeProvider.System);
        var layout = new ReleaseLayout(root);
        FaultPoint.Folder = layout.Run;

        try
        {
            using var alone = NodeLock.Take(layout);

            try
            {
                if (goesOn)
                {
                    FaultPoint.Reach("restart:starting");
                }

                var end = await Serve(layout, version, logger, attach, goesOn).ConfigureAwait(false);

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
        catch (Exception exception) when (exception is BootFailedException or NodeRunningException)
        {
            NotStarted(logger, exception.Message);
            return new NodeEnd.Exit(1);
        }
    }

    private static async Task<NodeEnd> Serve(
        ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach, bool goesOn)
    {
        var told = new TaskCompletionSource<NodeEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

        await using var node = await HostedNode.Start(layout, version, logger).ConfigureAwait(false);
        await using var doors = attach?.Invoke(node, Stop);

        if (await Task.WhenAny(told.Task, node.Exit).ConfigureAwait(false) == told.Task)
        {
            return await told.Task.ConfigureAwait(false);
        }

        var exit = await node.Exit.ConfigureAwait(false);
        ApplicationEnded(logger, exit);
        return goesOn && new ReleaseJournal(layout, TimeProvider.System).Read() is { IsOver: false }
            ? StartOver(layout, logger, exit.ToString())
            : new NodeEnd.Exit(1);

        void Stop(NodeEnd end) => told.TrySetResult(end);

        void OnSignal(PosixSignalContext signal)
        {
            // Not at once: the applications are stopped first.
            signal.Cancel = true;
            Stop(new NodeEnd.Exit(0));
        }
    }

    // The upgrade ends here, rolled back: what is committed starts.
    private static NodeEnd.StartOver StartOver(ReleaseLayout layout, LineLogger logger, string why)
    {
        var journal = new ReleaseJournal(layout, TimeProvider.System);

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
