using System.Collections.Immutable;

namespace Midflight;

/// <summary>What an event manager does with its handlers besides sending them events. The waits run in the manager's slice.</summary>
internal static class Handlers
{
    /// <summary>The module by name, if it is a handler.</summary>
    internal static ModuleName Checked(Type module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.IsAssignableTo(typeof(IEventHandler)) && !module.IsAbstract
            ? ModuleName.Of(module)
            : throw new ArgumentException($"{module.FullName} is not a concrete event handler. Derive it from GenEvent.", nameof(module));
    }

    /// <summary>What a handler leaves to its successor; null if it ended meanwhile, or threw.</summary>
    internal static async ValueTask<object?> HandedOver(HandlerEntry handler)
    {
        try
        {
            return await GenServer.Ask<object?>(handler.Pid, new HandOverRequest(), Timeout.InfiniteTimeSpan);
        }
        // Its successor starts without it.
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Ends all handlers through their Terminate, for which they have the time that a supervisor's child has.</summary>
    internal static ValueTask End(ImmutableList<HandlerEntry> handlers) =>
        Ended(handlers, handler => handler.Pid.Cell!.Post(new ExitSignal(Process.Here, ExitReason.Shutdown, link: false)));

    /// <summary>Waits for the end of a handler that ends by itself, however long that takes.</summary>
    internal static ValueTask Left(HandlerEntry handler) => Ended([handler], static _ => { });

    private static async ValueTask Ended(ImmutableList<HandlerEntry> handlers, Action<HandlerEntry> ask)
    {
        var ends = new EndWatch.Ends(Process.Here);

        foreach (var handler in handlers)
        {
            ends.Watch(handler.Pid.Cell!);
            ask(handler);
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
