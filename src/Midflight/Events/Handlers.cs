using System.Collections.Immutable;

namespace Midflight;

/// <summary>Asks and ends the handlers of one event manager. All of it runs in the manager's slice.</summary>
internal static class Handlers
{
    /// <summary>What a handler leaves to its successor; null where it ended meanwhile, or threw.</summary>
    internal static async ValueTask<object?> HandedOver(HandlerEntry handler)
    {
        try
        {
            return await GenServer.Ask<object?>(handler.Pid, new HandOverRequest(), Timeout.InfiniteTimeSpan);
        }
        // Its successor begins without.
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Ends them all, each after its Terminate, for which they have the time that a child of a supervisor has.</summary>
    internal static async ValueTask End(ImmutableList<HandlerEntry> handlers)
    {
        var manager = Process.Here;
        var ends = new EndWatch.Ends(manager);

        foreach (var handler in handlers)
        {
            ends.Watch(handler.Pid.Cell!);
            handler.Pid.Cell!.Post(new ExitSignal(manager, ExitReason.Shutdown, link: false));
        }

        if (!await ends.Within(TimeSpan.FromSeconds(5)))
        {
            foreach (var handler in handlers)
            {
                Process.Exit(handler.Pid, ExitReason.Kill);
            }

            await ends.All;
        }
    }
}
