using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore;

/// <summary>What an application serves on the web. Its start module implements this in addition to <see cref="Application"/>.</summary>
/// <example>
/// <code>
/// public sealed class Shop : Application, IWebModule
/// {
///     protected override ValueTask&lt;Pid&gt; Start(ApplicationStart start) => GenServer.StartLink&lt;Carts&gt;();
///
///     public void Map(IEndpointRouteBuilder endpoints) =>
///         endpoints.MapGet("/cart/{id}", (string id) => GenServer.Call&lt;Cart&gt;(id, new GetCart()));
/// }
/// </code>
/// </example>
/// <remarks>
/// <para>
/// The endpoints are served from when the application has started until it stops. They change with its code: those of the new version appear
/// when it becomes current, and those of the old version come back when an upgrade is rolled back.
/// </para>
/// <para>Each request is a process, and stays to its end in the code version that accepted it. A version in use by a request is not purged.</para>
/// </remarks>
public interface IWebModule
{
    /// <summary>Maps the endpoints of this version of the code. Called each time that the version becomes current.</summary>
    /// <param name="endpoints">Accepts everything that a program's own builder accepts: handlers, groups, filters, metadata. Its services are those of the program and of <see cref="AddServices"/>.</param>
    /// <remarks>If it throws, the start of the application fails, or the upgrade is rolled back.</remarks>
    public void Map(IEndpointRouteBuilder endpoints);

    /// <summary>Adds services of this version of the code, for its endpoints. Default: none.</summary>
    /// <param name="services">
    /// They are created and disposed with the version. They may depend on each other and on the program's. Options of the same type replace the program's; JSON options start from the program's.
    /// </param>
    public void AddServices(IServiceCollection services)
    {
    }
}
