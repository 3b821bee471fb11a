using System.Collections.Immutable;

namespace Midflight;

// The manager's own side: how it handles requests, events and the ends of handlers.
public sealed partial class EventManager
{
    /// <inheritdoc/>
    protected override Started<ImmutableList<HandlerEntry>> Init(object? argument)
    {
        Process.TrapExits = true;
        return ImmutableList<HandlerEntry>.Empty;
    }

    /// <inheritdoc/>
    protected override async ValueTask<Answer<ImmutableList<HandlerEntry>>> HandleCallAsync(object request, ImmutableList<HandlerEntry> state)
    {
        ArgumentNullException.ThrowIfNull(state);

        switch (request)
        {
            case Which:
                return Reply(state, state);
            case Find(var module, var id):
                return Reply(Entry(state, module, id)?.Pid ?? default, state);
            case Sync(var what):
                return Told(state, what!);
            case Add(var module, var argument, var id, var supervisor):
                return await Begin(state, module, argument, id, supervisor);
            case Delete(var module, var id):
                if (Entry(state, module, id) is not { } deleted)
                {
                    return Reply(false, state);
                }

                await Handlers.End([deleted]);
                return Reply(true, Without(state, deleted, ExitReason.Normal));
            case Swap(var old, var oldId, var next, var argument, var id):
                if (Entry(state, old, oldId) is not { } swapped)
                {
                    return await Begin(state, next, new SwappedIn(argument, null), id, default);
                }

                var handedOver = await Handlers.HandedOver(swapped);
                await Handlers.End([swapped]);
                return await Begin(state.Remove(swapped), next, new SwappedIn(argument, handedOver), id, swapped.Supervisor);
            default:
                return HandleCall(request, state);
        }
    }

    /// <inheritdoc/>
    protected override Answer<ImmutableList<HandlerEntry>> HandleCast(object message, ImmutableList<HandlerEntry> state)
    {
        ArgumentNullException.ThrowIfNull(state);

        foreach (var handler in state)
        {
            Cast(handler.Pid, message);
        }

        Forget();
        return NoReply(state);
    }

    // The manager has no code version of its own, so nothing else would release the event's.
    private static void Forget() => ((ServerBody)Process.Here.Body!).ForgetMessage();

    /// <inheritdoc/>
    protected override async ValueTask<Answer<ImmutableList<HandlerEntry>>> HandleInfoAsync(object message, ImmutableList<HandlerEntry> state)
    {
        ArgumentNullException.ThrowIfNull(state);

        if (message is HandlerLeaves(var leaver, var why))
        {
            if (state.Find(handler => handler.Pid == leaver) is not { } leaving)
            {
                return NoReply(state);
            }

            await Handlers.Left(leaving);
            return NoReply(Without(state, leaving, why));
        }

        if (message is not Exited(var ended, var reason))
        {
            // As in OTP, any other message goes to all handlers.
            foreach (var handler in state)
            {
                Process.Send(handler.Pid, message);
            }

            Forget();
            return NoReply(state);
        }

        if (state.Find(handler => handler.Pid == ended) is { } failed)
        {
            return NoReply(Without(state, failed, reason));
        }

        var left = state.FindAll(handler => handler.Supervisor == ended);
        await Handlers.End(left);
        return NoReply(state.RemoveRange(left));
    }

    /// <inheritdoc/>
    protected override async ValueTask TerminateAsync(ExitReason reason, ImmutableList<HandlerEntry> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        await Handlers.End(state);

        foreach (var handler in state)
        {
            Without(state, handler, ExitReason.Shutdown);
        }
    }

    private static HandlerEntry? Entry(ImmutableList<HandlerEntry> state, ModuleName module, string? id) =>
        state.Find(handler => handler.Module == module.FullName && handler.Id == id);

    private static async ValueTask<Answer<ImmutableList<HandlerEntry>>> Begin(
        ImmutableList<HandlerEntry> state, ModuleName module, object? argument, string? id, Pid supervisor)
    {
        if (Entry(state, module, id) is { } known)
        {
            return Reply<object>(
                new StartFailedException(
                    $"{module} was not added: {known} is already there. Delete it first, or give another id.", ExitReason.TakenBy(known.Pid, known.ToString())),
                state);
        }

        try
        {
            var manager = Process.Here;
            var pid = await GenServer.Begin(manager.Node, module.Resolve(), argument, null, manager);

            if (pid == default)
            {
                return Reply<object>(new StartFailedException($"{module} was not added: its Init returned Ignore. A handler must start, or refuse with a reason."), state);
            }

            if (supervisor != default)
            {
                Process.Link(supervisor);
            }

            return Reply<object>(pid, state.Insert(0, new(module.FullName, id, pid, supervisor)));
        }
        // Any failure of a start is reported to the process that wants the handler.
        catch (StartFailedException failed)
        {
            return Reply<object>(failed, state);
        }
        catch (MissingMethodException missing)
        {
            return Reply<object>(new StartFailedException(missing.Message), state);
        }
    }

    private static Answer<ImmutableList<HandlerEntry>> Told(ImmutableList<HandlerEntry> state, object what)
    {
        if (state.IsEmpty)
        {
            Forget();
            return Reply(true, state);
        }

        var from = From;
        Forget();
        var left = state.Count;

        foreach (var handler in state)
        {
            Cast(handler.Pid, what);
            handler.Pid.Cell!.Post(new Marker(() =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    Reply(from, true);
                }
            }));
        }

        return NoReply(state);
    }

    // Tells the process that supervises it.
    private static ImmutableList<HandlerEntry> Without(ImmutableList<HandlerEntry> state, HandlerEntry handler, ExitReason reason)
    {
        var left = state.Remove(handler);

        if (handler.Supervisor != default)
        {
            Process.Send(handler.Supervisor, new HandlerRemoved(Process.Self, handler.Module, handler.Id, reason));

            if (!left.Exists(other => other.Supervisor == handler.Supervisor))
            {
                Process.Unlink(handler.Supervisor);
            }
        }

        return left;
    }
}
