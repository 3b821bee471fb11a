using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Midflight;
using Midflight.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Puts a node into a host: a generic host, or an ASP.NET Core program.</summary>
public static class MidflightHostExtensions
{
    /// <summary>Adds a node that starts and stops with the host.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <param name="configure">Says what runs on the node. Default: nothing; the program starts processes itself.</param>
    /// <returns>The same builder.</returns>
    /// <example>
    /// <code>
    /// var builder = WebApplication.CreateBuilder(args);
    /// builder.AddMidflight(midflight => midflight.Add&lt;Shop&gt;());
    /// </code>
    /// </example>
    /// <remarks>
    /// <para>
    /// The constructors of modules get services of the host: those of behaviours once for each code version, in a scope that is
    /// disposed when the version is purged; those of start modules once for each callback, in the same scope.
    /// </para>
    /// <para>
    /// The node is a service of the host (<see cref="Node"/>). It logs with the host's loggers in the category <c>Midflight</c>, and its
    /// clock is the host's <see cref="TimeProvider"/>, if it has one. It starts before and stops after the hosted services that are
    /// added later; ASP.NET Core's server is one of these.
    /// </para>
    /// <para>
    /// When the host stops, for example by SIGTERM, the applications stop in reverse order. Whatever has not stopped within the host's
    /// <c>ShutdownTimeout</c> is killed. When an application ends that should end the node, the host stops and the exit code is 1.
    /// </para>
    /// <para>Calling it again configures the same node.</para>
    /// </remarks>
    public static IHostApplicationBuilder AddMidflight(this IHostApplicationBuilder builder, Action<MidflightSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;

        if (services.FirstOrDefault(service => service.ServiceType == typeof(MidflightSettings))?.ImplementationInstance is not MidflightSettings settings)
        {
            settings = new MidflightSettings();
            services.AddSingleton(settings);
            services.TryAddSingleton<ModuleScopes>();
            services.AddSingleton(provider => new Node(
                provider.GetRequiredService<ILoggerFactory>().CreateLogger("Midflight"),
                provider.GetService<TimeProvider>(),
                provider.GetRequiredService<ModuleScopes>().Open));
            services.AddSingleton<NodeService>();
            services.AddHostedService(provider => provider.GetRequiredService<NodeService>());
        }

        configure?.Invoke(settings);
        return builder;
    }
}
