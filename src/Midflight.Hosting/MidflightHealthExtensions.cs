using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Midflight;
using Midflight.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the node of a host to its health checks.</summary>
public static class MidflightHealthExtensions
{
    /// <summary>Adds a health check of the node that <c>AddMidflight</c> puts into the host.</summary>
    /// <param name="builder">The result of <c>services.AddHealthChecks()</c>.</param>
    /// <param name="name">The name of the check. Default: <c>midflight</c>.</param>
    /// <param name="failureStatus">The status to report when the node is unhealthy. Default: unhealthy.</param>
    /// <param name="tags">For selecting checks. Default: none.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>
    /// <para>Unhealthy: the node is starting or stopping, an application has ended that should end the node, or an application reports that it is unhealthy.</para>
    /// <para>
    /// Degraded: an upgrade is in progress or not committed yet, a process has a queue of <see cref="NodeMonitor.LongQueue"/> messages or more,
    /// or an old code version is held in memory.
    /// </para>
    /// </remarks>
    public static IHealthChecksBuilder AddMidflight(
        this IHealthChecksBuilder builder, string name = "midflight", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new(
            name,
            services => new NodeHealthCheck(
                services.GetRequiredService<Node>(), services.GetRequiredService<NodeService>(), services.GetRequiredService<IHostApplicationLifetime>()),
            failureStatus,
            tags));
    }
}
