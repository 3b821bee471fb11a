using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Midflight;
using Midflight.AspNetCore;

namespace Live;

/// <summary>Starts the auction, and serves its page.</summary>
public sealed class LiveApplication : Application, IWebModule
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<LiveSupervisor>();

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", () => Results.Content(Page.Html, "text/html; charset=utf-8"));
        endpoints.MapWebSocket<Bidder>("/bids", (string who) => who);
    }
}

/// <summary>Keeps the auction alive.</summary>
public sealed class LiveSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) =>
        new(Strategy.OneForOne, [Child.Of<Auction>() with { Name = "auction" }]);
}
