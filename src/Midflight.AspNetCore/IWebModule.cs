using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Midflight.AspNetCore;

/// <summary>What an application serves on the web. Implemented by its start module, beside <see cref="Application"/>.</summary>
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
/// The endpoints are served from the time when the application has started until it stops. They change with its code: those of the new version are
/// there from the step on in which that becomes current, those of the old one when an upgrade is rolled back.
/// </para>
/// <para>Each request is a process, in the code version that has taken it, to its end. A version that is in use by one is not purged.</para>
/// </remarks>
public interface IWebModule
{
    /// <summary>Maps the endpoints of this version of the code. Called once for each time that the version becomes current.</summary>
    /// <param name="endpoints">Takes all that a program's own does: handlers, groups, filters, metadata. Its services are those of the program and of <see cref="AddServices"/>.</param>
    /// <remarks>What it throws fails the start of the application, or rolls the upgrade back.</remarks>
    public void Map(IEndpointRouteBuilder endpoints);

    /// <summary>Adds services of this version of the code, for its endpoints. Default: none.</summary>
    /// <param name="services">
    /// They come and go with the version. What they ask for is theirs, or the program's. Options of the same type as the program's take their place; those of JSON begin as the program's are.
    /// </param>
    public void AddServices(IServiceCollection services)
    {
    }
}
