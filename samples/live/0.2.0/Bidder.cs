using System.Globalization;
using Midflight;
using Midflight.AspNetCore;

namespace Live;

/// <summary>Somebody who watches the auction: one WebSocket, one process.</summary>
public sealed record Seat(WebSocketConnection Socket, string Who);

/// <summary>Tells the auction what a browser bids, and the browser how the auction stands.</summary>
public sealed class Bidder : GenServer<Seat>
{
    protected override Started<Seat> Init(object? argument)
    {
        var (socket, who) = (WebSocketOpened)argument!;
        GenServer.Cast("auction", new Watch(Process.Self));
        return new Seat(socket, $"{who}");
    }

    protected override Answer<Seat> HandleInfo(object message, Seat state)
    {
        switch (message)
        {
            case WebSocketText(_, var text) when int.TryParse(text, CultureInfo.InvariantCulture, out var amount):
                GenServer.Cast("auction", new Bid(state.Who, amount));
                return NoReply(state);
            case Standing(var json):
                state.Socket.Send(json);
                return NoReply(state);
            case WebSocketClosed:
                return Stop(ExitReason.Normal, state);
            default:
                return NoReply(state);
        }
    }
}
