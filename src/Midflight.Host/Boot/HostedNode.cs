using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>A node that runs a release: its code, its applications, its log.</summary>
internal sealed partial class HostedNode : IAsyncDisposable
{
    private readonly ILogger _logger;

    private HostedNode(ReleaseLayout layout, string name, string version, Node node, CodeServer code)
    {
        (Layout, Name, Version, Node, Code) = (layout, name, version, node, code);
        (_logger, Started) = (node.Logger, node.Time.GetTimestamp());
    }

    /// <summary>The folder of the release.</summary>
    internal ReleaseLayout Layout { get; }

    /// <summary>The name of the release.</summary>
    internal string Name { get; }

    /// <summary>The version that was started.</summary>
    internal string Version { get; }

    internal Node Node { get; }

    internal CodeServer Code { get; }

    /// <summary>When it was started, by the node's clock.</summary>
    internal long Started { get; }

    /// <summary>Completes when an application has ended that should end the node.</summary>
    internal Task<ApplicationExit> Exit => Node.Applications.Exit;

    /// <summary>Loads the code of a release and starts its applications.</summary>
    /// <param name="layout">Its folder.</param>
    /// <param name="version">Its version.</param>
    /// <param name="logger">Where the node logs.</param>
    /// <param name="time">The node's clock. Default: the system's.</param>
    /// <exception cref="BootFailedException">It did not start; the message says why and what to do.</exception>
    internal static Task<HostedNode> Start(ReleaseLayout layout, string version, ILogger logger, TimeProvider? time = null) =>
        Start(layout, version, new Node(logger, time));

    /// <summary>Loads the code of a release into a node and starts its applications.</summary>
    /// <param name="layout">Its folder.</param>
    /// <param name="version">Its version.</param>
    /// <param name="node">A node without hot code. It is disposed with the result, and if the start fails.</param>
    /// <param name="isInHost">Whether the node is inside a host program, with which hot code shares what both refer to.</param>
    /// <exception cref="BootFailedException">It did not start; the message says why and what to do.</exception>
    internal static async Task<HostedNode> Start(ReleaseLayout layout, string version, Node node, bool isInHost = false)
    {
        var began = Stopwatch.GetTimestamp();
        var release = $"Release {version}";

        // In parallel, on another processor: nothing of the release runs before it is done.
        var looking = Task.Run(() => InstalledFiles.Damage(layout, version, runs: true));

        try
        {
            node.Monitor.LongQueue = NodeMonitor.LongQueueOfRelease;
            node.Monitor.LongCollection = NodeMonitor.LongCollectionOfRelease;
            var installed = InstalledCode.Read(layout, version);
            release = $"{installed.Boot.Name} {version}";
            var code = new CodeServer(node, Conversions.For) { SharesWithHost = isInHost };
            var hosted = new HostedNode(layout, installed.Boot.Name, version, node, code);

            // Not compiled in advance: nothing waits in old code when a node starts, and clients want it soon.
            var result = code.PrepareNow(installed.Images(), Readiness.Loaded);
            var refusal = result is LoadResult.Refused(var why) ? why : code.Flip(result.OrThrow());

            if (refusal is not null)
            {
                throw new BootFailedException(release, refusal.ToString());
            }

            if (await looking.ConfigureAwait(false) is var (file, problem))
            {
                throw new ReleaseDamagedException(release, Damage(file, problem));
            }

            Compilation.Begin(result.OrThrow().Versions);
            await node.Applications.Start(installed.Definitions(code)).ConfigureAwait(false);
            var took = (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            Serving(node.Logger, hosted.Name, version, took);
            return hosted;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or ApplicationRefusedException)
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw await looking.ConfigureAwait(false) is var (file, problem)
                ? new ReleaseDamagedException(release, Damage(file, problem), exception)
                : new BootFailedException(release, exception.Message, exception);
        }
        catch (Exception exception)
        {
            await node.DisposeAsync().ConfigureAwait(false);

            // Damage can fail in many ways; this exception says what to do.
            if (exception is not ReleaseDamagedException && await looking.ConfigureAwait(false) is var (file, problem))
            {
                throw new ReleaseDamagedException(release, Damage(file, problem), exception);
            }

            throw;
        }
    }

    private static string Damage(string file, string problem) =>
        $"{file}: {problem.TrimEnd('.')}. Remove the release and unpack it again, or copy the file from its package.";

    /// <summary>Stops the applications in reverse order, then the node.</summary>
    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync().ConfigureAwait(false);
        Stopped(_logger, Name);
    }

    [LoggerMessage(EventId = 130, EventName = "NodeServing", Level = LogLevel.Information, Message = "{Name} {Version} is ready, {Milliseconds} ms after its start.")]
    private static partial void Serving(ILogger logger, string name, string version, long milliseconds);

    [LoggerMessage(EventId = 131, EventName = "NodeStopped", Level = LogLevel.Information, Message = "{Name} has stopped.")]
    private static partial void Stopped(ILogger logger, string name);
}
