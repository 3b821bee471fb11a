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
    /// <returns>0 if it was told to stop; 1 if it could not start, or an application ended that must not.</returns>
    internal static async Task<int> Run(string root, string version, TextWriter output, Func<HostedNode, Action, IAsyncDisposable>? attach = null)
    {
        var logger = new LineLogger(output, TimeProvider.System);
        var layout = new ReleaseLayout(root);

        try
        {
            using var alone = NodeLock.Take(layout);
            return await Serve(layout, version, logger, attach).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is BootFailedException or NodeRunningException)
        {
            NotStarted(logger, exception.Message);
            return 1;
        }
    }

    private static async Task<int> Serve(ReleaseLayout layout, string version, LineLogger logger, Func<HostedNode, Action, IAsyncDisposable>? attach)
    {
        var told = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

        await using var node = await HostedNode.Start(layout, version, logger).ConfigureAwait(false);
        await using var doors = attach?.Invoke(node, Stop);

        if (await Task.WhenAny(told.Task, node.Exit).ConfigureAwait(false) == told.Task)
        {
            return 0;
        }

        var exit = await node.Exit.ConfigureAwait(false);
        ApplicationEnded(logger, exit);
        return 1;

        void Stop() => told.TrySetResult(0);

        void OnSignal(PosixSignalContext signal)
        {
            // Not at once: the applications are stopped first.
            signal.Cancel = true;
            Stop();
        }
    }

    [LoggerMessage(EventId = 32, EventName = "NodeNotStarted", Level = LogLevel.Critical, Message = "{Why}")]
    private static partial void NotStarted(ILogger logger, string why);

    [LoggerMessage(EventId = 33, EventName = "NodeEnds", Level = LogLevel.Critical, Message = "{Exit} So the node ends.")]
    private static partial void ApplicationEnded(ILogger logger, ApplicationExit exit);
}
