namespace Midflight;

/// <summary>A state machine as a server: passes a message, and all events that follow from it, to the module's Handle.</summary>
/// <remarks>One for each module. It awaits nothing itself, so if the module's callback is not asynchronous, everything is done at once.</remarks>
internal sealed class StateMachineServer<TState, TData>(GenStateMachine<TState, TData> module) : GenServer<Machine<TState, TData>>(module.IsAsync)
{
    protected override async ValueTask<Started<Machine<TState, TData>>> InitAsync(object? argument)
    {
        var first = await module.OnInit(argument);
        var machine = new Machine<TState, TData> { State = first.State, Data = first.Data };

        switch (first.Kind)
        {
            case TransitionKind.Ignore:
                return Ignore();
            case TransitionKind.Stop or TransitionKind.StopWith:
                return Refuse(first.Ending!);
            case TransitionKind.Next when first.Replies:
                throw new InvalidOperationException($"{module.GetType().FullName} replies in Init, where there is no caller. Leave the reply out.");
            case TransitionKind.Next:
                break;
            default:
                throw new InvalidOperationException($"Init of {module.GetType().FullName} names no state. End it in NextState(first, data), Ignore or Stop.");
        }

        CarryOut(machine, first.Actions, default, isOfMailbox: false);

        // The rest follows when the start has been reported: as in OTP, the machine is running when it enters its first state.
        return module.OnStateEnter ? new Started<Machine<TState, TData>>(new(machine), false).Continue(AfterInit.Enter)
            : HasMore(machine) ? new Started<Machine<TState, TData>>(new(machine), false).Continue(AfterInit.Queue)
            : machine;
    }

    protected override Answer<Machine<TState, TData>> HandleCall(object request, Machine<TState, TData> state) => Now(HandleCallAsync(request, state));

    protected override ValueTask<Answer<Machine<TState, TData>>> HandleCallAsync(object request, Machine<TState, TData> state) =>
        Handle(state, new(new GenStateMachine.Event.Call(request), default), isOfMailbox: true);

    protected override Answer<Machine<TState, TData>> HandleCast(object message, Machine<TState, TData> state) => Now(HandleCastAsync(message, state));

    protected override ValueTask<Answer<Machine<TState, TData>>> HandleCastAsync(object message, Machine<TState, TData> state) =>
        Handle(state, new(new GenStateMachine.Event.Cast(message), default), isOfMailbox: true);

    protected override Answer<Machine<TState, TData>> HandleInfo(object message, Machine<TState, TData> state) => Now(HandleInfoAsync(message, state));

    protected override ValueTask<Answer<Machine<TState, TData>>> HandleInfoAsync(object message, Machine<TState, TData> state)
    {
        if (message is not TimeoutElapsed elapsed)
        {
            return Handle(state, new(new GenStateMachine.Event.Info(message), default), isOfMailbox: true);
        }

        if (state.Timeouts.Find(timeout => timeout.Token == elapsed.Token) is not { } due)
        {
            // Cancelled when its message had already been sent.
            return new(NoReply(state));
        }

        state.Timeouts.Remove(due);
        return Handle(state, new(due.Event, default), isOfMailbox: false);
    }

    protected override async ValueTask<Answer<Machine<TState, TData>>> HandleContinueAsync(object with, Machine<TState, TData> state)
    {
        if (with is AfterInit.Enter && await Enter(state, state.State, enters: true) is { } ending)
        {
            return Stop(ending, state);
        }

        return Take(state) is { } next ? await Handle(state, next, isOfMailbox: false) : NoReply(state);
    }

    protected override ValueTask TerminateAsync(ExitReason reason, Machine<TState, TData> state) => module.OnTerminate(reason, state.State, state.Data);

    private static Answer<Machine<TState, TData>> Now(ValueTask<Answer<Machine<TState, TData>>> handling) => handling.IsCompleted
        ? handling.Result
        : throw new InvalidOperationException("Handle is not asynchronous, and yet its event is not done.");

    // An event, and everything that it leads to before the next message.
    private async ValueTask<Answer<Machine<TState, TData>>> Handle(Machine<TState, TData> machine, PendingEvent pending, bool isOfMailbox)
    {
        while (true)
        {
            // Any event cancels it.
            Cancel(machine, static timeout => timeout.Event is GenStateMachine.Event.Timeout);
            Body.Take(pending, isOfMailbox);
            var transition = await module.OnHandle(machine.State, pending.Event, machine.Data);
            var old = machine.State;
            Move(machine, transition);
            var changed = !EqualityComparer<TState>.Default.Equals(machine.State, old);

            if (transition.Replies)
            {
                if (isOfMailbox && pending.Event is GenStateMachine.Event.Call && !changed && !HasMore(machine)
                    && transition is { Actions: null, Ends: false, Kind: not TransitionKind.Repeat })
                {
                    // Nothing can come between the reply and the end of the callback, so it goes back on the caller's thread, without a message.
                    return new(machine, replies: true, transition.ReplyObject, transition.ReplyBits);
                }

                Body.From(Process.Here).Call?.Reply(transition.ReplyObject, transition.ReplyBits);
            }

            if (transition.Ends)
            {
                return new(machine, ending: transition.Ending);
            }

            if (changed)
            {
                Cancel(machine, static timeout => timeout.Event is GenStateMachine.Event.StateTimeout);
            }

            var next = CarryOut(machine, transition.Actions, pending, isOfMailbox);

            if (changed)
            {
                machine.Queue.InsertRange(next, machine.Postponed);
                machine.Postponed.Clear();
            }

            var enters = (changed || transition.Kind == TransitionKind.Repeat) && module.OnStateEnter;

            if (await Enter(machine, old, enters) is { } ending)
            {
                return new(machine, ending: ending);
            }

            if (Take(machine) is not { } following)
            {
                return new(machine);
            }

            (pending, isOfMailbox) = (following, false);
        }
    }

    private static StateMachineBody<TState, TData> Body => (StateMachineBody<TState, TData>)Process.Here.Body!;

    private static void Move(Machine<TState, TData> machine, in Transition<TState, TData> transition)
    {
        switch (transition.Kind)
        {
            case TransitionKind.Next:
                (machine.State, machine.Data) = (transition.State, transition.Data);
                break;
            case TransitionKind.KeepState or TransitionKind.Repeat or TransitionKind.StopWith:
                machine.Data = transition.Data;
                break;
            case TransitionKind.Ignore:
                throw new InvalidOperationException("Only Init can ignore. End Handle in a state, or in Stop.");
        }
    }

    // State enter calls, until one does not repeat the state. Returns the reason if the machine should stop.
    private async ValueTask<ExitReason?> Enter(Machine<TState, TData> machine, TState old, bool enters)
    {
        while (enters)
        {
            var entering = new GenStateMachine.Event.Enter(old);
            Body.Take(new(entering, default), isOfMailbox: false);
            var transition = await module.OnHandle(machine.State, entering, machine.Data);
            var entered = machine.State;
            Move(machine, transition);

            if (!EqualityComparer<TState>.Default.Equals(machine.State, entered) || transition.Replies
                || TransitionActions.InOrder(transition.Actions).Exists(action => action.Action is TransitionAction.Postpone or TransitionAction.NextEvent))
            {
                throw new InvalidOperationException(
                    $"{module.GetType().FullName} changes state, replies, postpones or inserts an event while it enters {entered}. Enter may only change data, set time-outs or stop.");
            }

            if (transition.Ends)
            {
                return transition.Ending;
            }

            CarryOut(machine, transition.Actions, default, isOfMailbox: false);
            enters = transition.Kind == TransitionKind.Repeat;
        }

        return null;
    }

    // Returns the number of events that it put at the head of the queue.
    private int CarryOut(Machine<TState, TData> machine, TransitionActions? actions, PendingEvent pending, bool isOfMailbox)
    {
        if (actions is null)
        {
            return 0;
        }

        var next = 0;

        foreach (var action in TransitionActions.InOrder(actions))
        {
            switch (action.Action)
            {
                case TransitionAction.NextEvent:
                    var given = (GenStateMachine.Event)action.Content!;
                    machine.Queue.Insert(next++, new(given, given is GenStateMachine.Event.Call ? action.Name as From? ?? CallerOf(pending, isOfMailbox, given) : default));
                    break;
                case TransitionAction.Postpone when pending.Event is null:
                    throw new InvalidOperationException($"{module.GetType().FullName} postpones in Init, where there is no event. Insert one with NextEvent.");
                case TransitionAction.Postpone:
                    machine.Postponed.Add(isOfMailbox && pending.Event is GenStateMachine.Event.Call
                        ? pending with { Caller = Body.From(Process.Here) }
                        : pending);
                    break;
                case TransitionAction.EventTimeout:
                    SetTimeout(machine, new GenStateMachine.Event.Timeout(action.Content), action.Time);
                    break;
                case TransitionAction.StateTimeout:
                    SetTimeout(machine, new GenStateMachine.Event.StateTimeout(action.Content), action.Time);
                    break;
                case TransitionAction.NamedTimeout:
                    SetTimeout(machine, new GenStateMachine.Event.NamedTimeout(action.Name!, action.Content), action.Time);
                    break;
            }
        }

        return next;
    }

    // The caller that waits for the reply to a call that the machine inserts: the caller of the current event, who has not been answered yet.
    private From CallerOf(PendingEvent pending, bool isOfMailbox, GenStateMachine.Event given) => pending.Event is not GenStateMachine.Event.Call
        ? throw new InvalidOperationException(
            $"{module.GetType().FullName} inserts {given} while it handles {pending.Event?.ToString() ?? "its start"}, so nobody waits for the reply. "
            + "Name the caller with NextEvent(call, from), or insert an Event.Internal.")
        : isOfMailbox ? Body.From(Process.Here) : pending.Caller;

    private static void SetTimeout(Machine<TState, TData> machine, GenStateMachine.Event what, TimeSpan time)
    {
        Cancel(machine, timeout => timeout.TakesThePlaceOf(what));

        if (time != Timeout.InfiniteTimeSpan)
        {
            var token = new object();
            var timer = time == TimeSpan.Zero ? null : Process.SendAfter(Process.Self, new TimeoutElapsed(token), time);
            machine.Timeouts.Add(new(what, token, timer));
        }
    }

    private static void Cancel(Machine<TState, TData> machine, Predicate<MachineTimeout> which)
    {
        if (machine.Timeouts.Count == 0)
        {
            return;
        }

        foreach (var timeout in machine.Timeouts.FindAll(which))
        {
            timeout.Timer?.Cancel();
            machine.Timeouts.Remove(timeout);
        }
    }

    private static bool HasMore(Machine<TState, TData> machine) => machine.Queue.Count > 0 || machine.Timeouts.Exists(timeout => timeout.Timer is null);

    // What comes before the next message: the queue, then time-outs of zero.
    private static PendingEvent? Take(Machine<TState, TData> machine)
    {
        if (machine.Queue.Count > 0)
        {
            var first = machine.Queue[0];
            machine.Queue.RemoveAt(0);
            return first;
        }

        if (machine.Timeouts.Find(timeout => timeout.Timer is null) is not { } due)
        {
            return null;
        }

        machine.Timeouts.Remove(due);
        return new(due.Event, default);
    }
}
