using Microsoft.Extensions.Logging;
using Midflight.Host.Control;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>The life of an operating system process that is a node: start, run, stop.</summary>
/// <remarks>
/// It blocks where it could await: its thread has nothing else to do, and each asynchronous method costs a start two milliseconds,
/// because .NET compiles part of it only when it first runs.
/// </remarks>
internal static partial class NodeBoot
{
    /// <summary>Runs a release until it is told to stop, by SIGTERM, SIGINT or through <paramref name="attach"/>.</summary>
    /// <param name="root">The folder of the releases.</param>
    /// <param name="version">The version to start.</param>
    /// <param name="output">Where the node logs.</param>
    /// <param name="attach">
    /// Called when all applications are running, to open the ways into the node. Gets a function that stops the node; its result is closed
    /// before the applications are stopped.
    /// </param>
    /// <param name="goesOn">Whether an upgrade has restarted the node, which continues it: then a failed start is not the end.</param>
    /// <param name="signals">What else tells it to stop. Default: SIGTERM and SIGINT.</param>
    /// <returns>What the operating system process should become. Nothing of the node is left.</returns>
    internal static NodeEnd Run(
        string root, string version, TextWriter output, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach = null, bool goesOn = false,
        StopSignals? signals = null)
    {
        using var logger = new LineLogger(output, TimeProvider.System);
        var layout = new ReleaseLayout(root);
        FaultPoint.Folder = layout.Run;

        try
        {
            using var alone = NodeLock.Take(layout, TimeProvider.System).GetAwaiter().GetResult();
            var stop = signals ?? new StopSignals();
            NodeEnd end;

            ForeignFaults.Catch(logger);

            using (stop)
            using (new ExitCalls(logger, stop.Tell))
            {
                end = Live(layout, version, logger, attach, goesOn, stop);
            }

            // Told to stop while it was already stopping to become another node, which would never hear of it.
            return end is not NodeEnd.Exit && stop.Told.IsCompleted ? new NodeEnd.Exit(0) : end;
        }
        catch (ReleaseDamagedException damaged) when (!goesOn && StartFile.FallBack(layout) is { } before)
        {
            FellBack(logger, damaged.Message, before);
            return new NodeEnd.StartOver();
        }
        // Including a file of the node that cannot be read or written: naming the file says enough.
        catch (Exception exception) when (exception is BootFailedException or NodeRunningException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            NotStarted(logger, exception.Message);
            return new NodeEnd.Exit(1);
        }
    }

    private static NodeEnd Live(
        ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach, bool goesOn, StopSignals stop)
    {
        try
        {
            if (goesOn)
            {
                FaultPoint.Reach("restart:starting");
            }

            var end = Serve(layout, version, logger, attach, goesOn, stop);

            if (end is NodeEnd.GoOn)
            {
                FaultPoint.Reach("restart:stopped");
            }

            return end;
        }
        // Whatever it is, the previous release did start.
        catch (Exception exception) when (goesOn)
        {
            return StartOver(layout, logger, exception.Message);
        }
    }

    private static NodeEnd Serve(
        ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action<NodeEnd>, IAsyncDisposable>? attach, bool goesOn, StopSignals stop)
    {
        var told = new TaskCompletionSource<NodeEnd>();
        var node = HostedNode.Start(layout, version, logger).GetAwaiter().GetResult();

        try
        {
            var doors = attach?.Invoke(node, end => told.TrySetResult(end));

            try
            {
                // Everything awaited here is done by then. If several are, the first of them counts.
                return Task.WaitAny(told.Task, stop.Told, node.Exit) == 2 ? Ended(layout, logger, goesOn, node.Exit.Result)
                    : stop.Told.IsCompleted ? new NodeEnd.Exit(0)
                    : told.Task.Result;
            }
            finally
            {
                doors?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        finally
        {
            node.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static NodeEnd Ended(ReleaseLayout layout, LineLogger logger, bool goesOn, ApplicationExit exit)
    {
        ApplicationEnded(logger, exit);
        return goesOn && new ReleaseJournal(layout, TimeProvider.System, logger).Read() is { IsOver: false }
            ? StartOver(layout, logger, exit.ToString())
            : new NodeEnd.Exit(1);
    }

    // The upgrade ends here, rolled back: the committed release starts.
    private static NodeEnd.StartOver StartOver(ReleaseLayout layout, LineLogger logger, string why)
    {
        var journal = new ReleaseJournal(layout, TimeProvider.System, logger);

        if (journal.Read() is { } entry)
        {
            var outcome = $"The upgrade from {entry.From} to {entry.To} failed after its restart: {why} Rolled back: {StartFile.Read(layout)?.Release} is started again.";
            NotStarted(logger, outcome);
            journal.Write(entry.From, entry.To, UpgradePhase.Ended, outcome);
        }

        return new NodeEnd.StartOver();
    }

    [LoggerMessage(EventId = 132, EventName = "NodeNotStarted", Level = LogLevel.Critical, Message = "{Why}")]
    private static partial void NotStarted(ILogger logger, string why);

    [LoggerMessage(EventId = 134, EventName = "FellBack", Level = LogLevel.Critical, Message = "{Why} So {Before}, the release that was committed before, is started.")]
    private static partial void FellBack(ILogger logger, string why, string before);

    [LoggerMessage(EventId = 133, EventName = "NodeEnds", Level = LogLevel.Critical, Message = "{Exit} So the node ends.")]
    private static partial void ApplicationEnded(ILogger logger, ApplicationExit exit);
}
