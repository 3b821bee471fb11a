using System.Collections.Immutable;
using System.Text.Json;
using Midflight;

namespace Live;

/// <summary>Somebody bids.</summary>
public sealed record Bid(string Who, int Amount);

/// <summary>Somebody wants to know how the auction stands, from now on.</summary>
public sealed record Watch(Pid Watcher);

/// <summary>How it stands, as the page reads it.</summary>
public sealed record Standing(string Json);

/// <summary>What is sold. This version remembers who has bid.</summary>
public sealed record Lot(string Name, int Price, string Leader, ImmutableHashSet<Pid> Watchers)
{
    /// <summary>The last bids, the newest first.</summary>
    public ImmutableList<Bid> Bids { get; init; } = [];
}

/// <summary>Sells a lighthouse, and takes bids that are worth it only.</summary>
public sealed class Auction : GenServer<Lot>
{
    private const int Step = 10;
    private const int Shown = 8;

    protected override Started<Lot> Init(object? argument) => new Lot("A lighthouse", 100, "nobody", []);

    protected override Answer<Lot> HandleCast(object message, Lot state)
    {
        switch (message)
        {
            case Watch(var watcher):
                Process.Monitor(watcher);
                Process.Send(watcher, Now(state));
                return NoReply(state with { Watchers = state.Watchers.Add(watcher) });
            case Bid bid when bid.Amount >= state.Price + Step:
                var bids = state.Bids.Insert(0, bid);
                return NoReply(Tell(state with { Price = bid.Amount, Leader = bid.Who, Bids = bids.Count > Shown ? bids.RemoveAt(Shown) : bids }));
            default:
                return NoReply(state);
        }
    }

    protected override Answer<Lot> HandleInfo(object message, Lot state) =>
        message is Down(_, var watcher, _) ? NoReply(state with { Watchers = state.Watchers.Remove(watcher) }) : base.HandleInfo(message, state);

    private static Lot Tell(Lot lot)
    {
        foreach (var watcher in lot.Watchers)
        {
            Process.Send(watcher, Now(lot));
        }

        return lot;
    }

    private static Standing Now(Lot lot) => new(JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["name"] = lot.Name,
        ["price"] = lot.Price,
        ["leader"] = lot.Leader,
        ["step"] = Step,
        ["bids"] = lot.Bids.ConvertAll(bid => $"{bid.Who}: {bid.Amount}"),
    }));
}
