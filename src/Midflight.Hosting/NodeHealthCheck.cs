using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Midflight.Host;

namespace Midflight.Hosting;

/// <summary>Reports the health of a host's node.</summary>
internal sealed class NodeHealthCheck(Node node, NodeService service, IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);

        // A node that is stopping or has not started is not asked for its health.
        var failure = Absence() ?? await node.Applications.Illness().ConfigureAwait(false);
        var concern = failure is null ? Concern() : null;
        var status = failure is not null ? context.Registration.FailureStatus : concern is not null ? HealthStatus.Degraded : HealthStatus.Healthy;
        return new(status, failure ?? concern ?? "The node is running.", data: Details());
    }

    private string? Absence() =>
        node.Applications.Exit is { IsCompletedSuccessfully: true, Result: var exit } ? exit.ToString()
        : lifetime.ApplicationStopping.IsCancellationRequested ? "The node is stopping."
        : !service.HasStarted ? "The node is starting."
        : null;

    private string? Concern() => Upgrading() ?? LongQueue() ?? (service.Releases?.Old.Unloads.Overdue is > 0 and var overdue
        ? $"{overdue} old code versions are still in memory. The log says what holds them."
        : null);

    // A check by itself changes nothing, and an uncommitted release is on probation.
    private string? Upgrading() => service.Releases?.LastUpgrade is { IsOver: false, Phase: not (UpgradePhase.Unpacking or UpgradePhase.Checking) } upgrade
        ? $"Upgrade {upgrade.From} → {upgrade.To}: {upgrade.Phase}."
        : null;

    private string? LongQueue() => node.Monitor.LongQueues is > 0 and var many
        ? $"{many} {(many == 1 ? "process has" : "processes have")} {node.Monitor.LongQueue} messages or more waiting. The log names {(many == 1 ? "it" : "them")}."
        : null;

    private Dictionary<string, object> Details()
    {
        var details = new Dictionary<string, object> { ["processes"] = node.ProcessCount };

        if (service.Releases is { } releases)
        {
            details["release"] = releases.Running;
            details["status"] = releases.IsCommitted ? "permanent" : "current";
            details["notUnloaded"] = releases.Old.Unloads.Waiting.Length;
        }

        return details;
    }
}
