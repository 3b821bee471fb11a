namespace Midflight;

/// <summary>Brings what a socket received to the process that owns it then, even if that has changed on the way.</summary>
internal sealed class TcpArrival(ITcpMessage content) : Signal
{
    internal override void Act(Cell cell)
    {
        if (content.Socket.Owner is var owner && owner != cell)
        {
            owner.Post(new TcpArrival(content));
        }
        else
        {
            cell.Enqueue(new Message(content));
        }
    }

    internal override void Undeliverable(ExitReason? reason)
    {
        if (content.Socket.Owner is { IsDead: false } owner)
        {
            owner.Post(new TcpArrival(content));
        }
    }
}

/// <summary>Behind all that was on its way to the process which had the socket: from here on the next one gets its own.</summary>
internal sealed class TcpHandedOver(TcpSocket socket) : Signal
{
    internal override void Act(Cell cell) => socket.GoOn();

    internal override void Undeliverable(ExitReason? reason) => socket.GoOn();
}
