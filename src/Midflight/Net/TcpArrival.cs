namespace Midflight;

/// <summary>Delivers what a socket received to its current owner, even if the owner has changed on the way.</summary>
internal sealed class TcpArrival(ITcpMessage content, int cost) : Signal
{
    internal override void Act(Cell cell)
    {
        if (content.Socket.Owner is var owner && owner != cell)
        {
            owner.Post(new TcpArrival(content, cost));
        }
        else
        {
            cell.Enqueue(new TcpDelivery(content, cost));
        }
    }

    internal override void Undeliverable(ExitReason? reason)
    {
        if (content.Socket.Owner is { IsDead: false } owner)
        {
            owner.Post(new TcpArrival(content, cost));
        }
        else
        {
            content.Socket.Handled(cost);
        }
    }
}

/// <summary>What a socket received, in a mailbox. When it is taken from there, the socket is told and continues reading.</summary>
/// <param name="content">An <see cref="ITcpMessage"/>.</param>
/// <param name="cost">What it counts for until then.</param>
internal sealed class TcpDelivery(ITcpMessage content, int cost) : Message(content)
{
    private readonly TcpSocket _socket = content.Socket;

    internal int Cost => cost;

    internal override void Taken() => _socket.Handled(cost);

    internal override void Undeliverable(ExitReason? reason) => Taken();
}

/// <summary>Comes after everything that was on its way to the socket's previous owner. From here on, the next owner gets its messages.</summary>
internal sealed class TcpHandedOver(TcpSocket socket) : Signal
{
    internal override void Act(Cell cell) => socket.GoOn();

    internal override void Undeliverable(ExitReason? reason) => socket.GoOn();
}
