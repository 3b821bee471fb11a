using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;
using OsProcess = System.Diagnostics.Process;

namespace Midflight.Cli.Development;

/// <summary>The node that follows edits: a separate operating system process, on this terminal.</summary>
internal sealed class DevNode : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly Target _target;
    private readonly OsProcess _process;

    private DevNode(Target target, OsProcess process) => (_target, _process) = (target, process);

    /// <summary>Completes when the node has ended, with its exit code.</summary>
    public Task<int> Ended { get; private init; } = Task.FromResult(0);

    /// <summary>Stops what an earlier `midflight dev` has left behind in the folder.</summary>
    public static async Task Clear(ReleaseLayout layout, CancellationToken cancellation)
    {
        if (NodeLock.IsTaken(layout))
        {
            await using (var client = await ControlClient.Connect(layout, cancellation))
            {
                await client.Call<StopRequest, StopReply>(new(), null, cancellation);
            }

            while (NodeLock.IsTaken(layout))
            {
                await Task.Delay(s_pause, TimeProvider.System, cancellation);
            }
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <exception cref="Failure">It ended instead; it has printed the reason on this terminal.</exception>
    public static async Task<DevNode> Start(Target target, CancellationToken cancellation)
    {
        var process = OsProcess.Start(target.Layout.Command(target.Name), "foreground") ?? throw new Failure($"{target.Layout.Command(target.Name)} cannot be started.");
        var node = new DevNode(target, process) { Ended = Wait(process) };

        while (!node.Ended.IsCompleted)
        {
            try
            {
                await node.Ask<PingRequest, PingReply>(new(), cancellation);
                return node;
            }
            catch (Exception error) when (error is NodeUnreachableException or ControlFailedException or IOException)
            {
                await Task.WhenAny(node.Ended, Task.Delay(s_pause, TimeProvider.System, cancellation));
            }
        }

        throw new Failure($"{target.Name} did not start: it ended with code {await node.Ended}.");
    }

    /// <summary>Sends it a request.</summary>
    public async Task<TReply> Ask<TRequest, TReply>(TRequest request, CancellationToken cancellation)
        where TRequest : IControlRequest<TReply>
    {
        await using var client = await ControlClient.Connect(_target.Layout, cancellation);
        return await client.Call<TRequest, TReply>(request, null, cancellation);
    }

    /// <summary>Stops it, and waits until it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!Ended.IsCompleted)
            {
                await Ask<StopRequest, StopReply>(new(), CancellationToken.None);
            }
        }
        // It is already ending.
        catch (Exception error) when (error is NodeUnreachableException or ControlFailedException or IOException)
        {
        }

        await Ended;
        _process.Dispose();
    }

    private static async Task<int> Wait(OsProcess process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
