namespace Midflight;

/// <summary>A message from another code version than the receiver's, without a counterpart there. It never ends the receiver.</summary>
internal sealed class Unconverted
{
    /// <summary>Takes the place of such a message.</summary>
    internal static readonly Unconverted Instance = new();

    private Unconverted()
    {
    }

    /// <summary>Reports the loss of a message to which nobody expects an answer: to the log, the meter, and an upgrade that is not decided yet.</summary>
    internal static void Lose(Cell cell, Body receiver, object message, Exception why)
    {
        if (IsOfDropped(message, receiver.Version!))
        {
            return;
        }

        ServerLog.NotConverted(cell.Node.Logger, cell.Pid, receiver.ModuleName, Excerpt.Of(message, longest: 200), why.Message);
        cell.Node.Meter.Unconverted(receiver.ModuleName);
        receiver.Version!.Trial?.Lost(cell, message, why);
    }

    /// <summary>Whether a message belongs to a module that the receiver's version no longer has: it was sent by, or meant for, a module that an upgrade dropped.</summary>
    internal static bool IsOfDropped(object message, CodeVersion receiver)
    {
        var type = message.GetType();

        if (CodeVersion.Of(type)?.Application != receiver.Application)
        {
            return false;
        }

        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return typeof(Behaviour).IsAssignableFrom(type) && receiver.FindType(type.FullName!) is null;
    }
}
