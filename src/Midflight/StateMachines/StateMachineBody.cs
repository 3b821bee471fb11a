namespace Midflight;

/// <summary>The loop of a state machine in one code version: a server whose state is the machine.</summary>
internal sealed class StateMachineBody<TState, TData> : ServerBody<Machine<TState, TData>>, IMachineBody
{
    private readonly GenStateMachine<TState, TData> _module;

    // The event being handled. Its caller is that of the mailbox's call, unless the event came out of the machine.
    private PendingEvent _inHand;
    private bool _isOfMailbox;

    internal StateMachineBody(GenStateMachine<TState, TData> module, Machine<TState, TData> machine)
        : base(module.Server, machine)
    {
        _module = module;
        Version = CodeVersion.Of(module.GetType());
    }

    internal override Behaviour Module => _module;

    internal override object? State => Held.Shown;

    private protected override object? FormattedState => _module.OnFormatStatus(Held.State, Held.Data);

    Machine IMachineBody.Machine => Held;

    /// <summary>Sets the event that is handled from here on.</summary>
    internal void Take(PendingEvent pending, bool isOfMailbox)
    {
        (_inHand, _isOfMailbox) = (pending, isOfMailbox);

        if (!isOfMailbox)
        {
            LastMessage = pending.Event;
        }
    }

    /// <summary>The caller of the current event.</summary>
    internal From From(Cell cell) => _inHand.Event switch
    {
        GenStateMachine.Event.Call => _isOfMailbox ? TakeFrom(cell) : _inHand.Caller,
        var other => throw new InvalidOperationException(
            $"{ModuleName} asks for the caller of {other?.ToString() ?? "no event"}, which is not a call. Read From while you handle the call, and keep it."),
    };

    internal override void ReplaceState(object? state)
    {
        var (next, data) = ((TState, TData))state!;
        Held = Held.With(next, data);
    }

    internal override void ChangeCode(OldVsn from, object? extra)
    {
        var (state, data) = _module.OnCodeChange(from, Held.State, Held.Data, extra);
        Held = Held.With(_module.Changed(Held.State, state), _module.Changed(Held.Data, data));
    }

    // It also has postponed events and time-outs.
    internal override bool HasOnlyState => false;

    private protected override ServerBody CreateIn(CodeVersion target, Behaviour module, bool copies)
    {
        var body = base.CreateIn(target, module, copies);
        (body as IMachineBody)?.Machine.Adopt(Held, target);
        return body;
    }
}

/// <summary>The body of a state machine, whatever its types.</summary>
internal interface IMachineBody
{
    /// <summary>The machine that it runs.</summary>
    public Machine Machine { get; }
}
