namespace Midflight;

/// <summary>A message that came from another code version than the receiver's and has no counterpart in it. It never costs the receiver.</summary>
internal sealed class Unconverted
{
    /// <summary>Stands where such a message was.</summary>
    internal static readonly Unconverted Instance = new();

    private Unconverted()
    {
    }

    /// <summary>Says that one to which nobody expects an answer is lost, in log and meter, and to an upgrade that is not decided yet.</summary>
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

    /// <summary>Whether a message is of a module that the receiver's version no longer has: it was sent by, or meant for, what an upgrade has dropped.</summary>
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
