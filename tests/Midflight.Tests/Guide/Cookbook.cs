namespace Midflight.Tests.Guide;

public sealed record Prices(int Tea, bool IsAnnounced = false);

public sealed class PriceList : GenServer<Prices>
{
    // The old request is answered as long as somebody may send it: a client of the release before, or one that waits.
    public sealed record Ask(string What);

    public sealed record AskIn(string What, string Currency);

    protected override Started<Prices> Init(object? argument) => new Prices(3);

    protected override Answer<Prices> HandleCall(object request, Prices prices) => request switch
    {
        Ask(var what) => HandleCall(new AskIn(what, "EUR"), prices),
        AskIn("tea", "EUR") => Reply(prices.Tea, prices),
        _ => base.HandleCall(request, prices),
    };

    // Beside the shape of the state: done once for each process, when it comes to this version.
    protected override Prices CodeChange(OldVsn from, Prices prices, object? extra)
    {
        if (!prices.IsAnnounced)
        {
            Cast("audit", "prices can be asked in a currency");
        }

        return prices with { IsAnnounced = true };
    }
}

public sealed class ShopSupervisor : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => new(Strategy.OneForOne,
    [
        Child.Of<PriceList>() with { Name = "prices" },
        // New in this version: started by the upgrade, and ended by the downgrade.
        Child.Of<Tally>() with { Name = "audit" },
    ]);
}

public sealed class ShopApplication : Application
{
    protected override ValueTask<Pid> Start(ApplicationStart start) => GenServer.StartLink<ShopSupervisor>();

    // Told when config.json of the new release differs.
    protected override ValueTask ConfigChange(ConfigChange change)
    {
        GenServer.Cast("prices", "configuration");
        return default;
    }
}
