using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using OsProcess = System.Diagnostics.Process;

namespace Midflight.Cli.Nodes;

/// <summary>Waits for the end of an upgrade that restarts its node. Make it before the upgrade is asked for.</summary>
internal sealed class RestartWatch(Target target, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // The node keeps it over a restart.
    private readonly int? _pid = NodeLock.PidOf(target.Layout);

    /// <summary>Waits, if need be.</summary>
    /// <param name="reply">What the node answered; as it is, if it does not restart.</param>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancellation">Ends the wait; the node goes on.</param>
    /// <returns>What the upgrade has done.</returns>
    /// <exception cref="Failure">It failed, the node ended, or it takes longer; the message says what to do.</exception>
    public async Task<InstallReply> Wait(InstallReply reply, TimeSpan timeout, CancellationToken cancellation)
    {
        if (reply.Status != "restarting")
        {
            return reply;
        }

        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < timeout; await Task.Delay(Pause, time, cancellation))
        {
            // Looked at before it is asked, so that its last words are heard.
            var isThere = IsThere();

            if (await Ask(reply, cancellation) is { } upgrade)
            {
                return upgrade.Reply ?? throw new Failure(upgrade.Outcome ?? $"The upgrade to {reply.To} has ended, but its outcome is unknown.");
            }

            if (!isThere)
            {
                throw new Failure(
                    $"{target.Name} ended while it restarted for {reply.To}. Its log is {target.Layout.Log(target.Name)}. `start` starts {target.Next.Release}, the last committed release.");
            }
        }

        throw new Failure(
            $"{target.Name} has not finished the upgrade to {reply.To} within {timeout.TotalSeconds:0} s; it is still running as process {_pid}. Ask it with `status`, or look at {target.Layout.Log(target.Name)}.");
    }

    private async Task<UpgradeStatus?> Ask(InstallReply reply, CancellationToken cancellation)
    {
        try
        {
            var status = await Verb.Ask<StatusRequest, StatusReply>(target, new(), quiet: true, cancellation);
            return status.Upgrade is { IsOver: true } upgrade && (upgrade.From, upgrade.To) == (reply.From, reply.To) ? upgrade : null;
        }
        catch (Exception error) when (error is NodeUnreachableException or ControlFailedException)
        {
            // It stops, or it starts.
            return null;
        }
    }

    private bool IsThere()
    {
        try
        {
            using var node = _pid is { } pid ? OsProcess.GetProcessById(pid) : null;
            return node is { HasExited: false };
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
