namespace Midflight;

/// <summary>What a special process runs while it handles system messages: between two steps of its loop, and while it is suspended.</summary>
/// <remarks>
/// So for an upgrade, a special process here is like a server. As soon as it is not suspended, it hands itself over to its loop again:
/// <code>
/// FunctionBody ── Sys.Handle ──▶ SpecialBody ── not suspended ──▶ FunctionBody
///   (the loop)                   suspend, change code, resume      Continue(state)
/// </code>
/// </remarks>
internal sealed class SpecialBody<TState> : ServerBody
{
    private readonly SpecialProcess<TState> _module;
    private TState _state;

    internal SpecialBody(SpecialProcess<TState> module, TState state)
    {
        (_module, _state) = (module, state);
        Version = CodeVersion.Of(module.GetType());
    }

    internal override Behaviour Module => _module;

    internal override bool RunsInPlace => false;

    internal override bool HasNext => true;

    internal override object? State => _state;

    private protected override object? FormattedState => _module.OnFormatStatus(_state);

    internal override void ReplaceState(object? state) => _state = (TState)state!;

    internal override void ChangeCode(OldVsn from, object? extra) => _state = _module.Changed(_state, _module.OnCodeChange(from, _state, extra));

    internal override ValueTask<Pid> Init(Cell cell, object? argument, Cell? parent)
    {
        var started = new StartWatch(_module.GetType());
        cell.Bonds.Starting = started;

        try
        {
            cell.Body = new FunctionBody(_module.Running(Door.Into(Version, argument)));
        }
        catch (ConversionException exception)
        {
            cell.Ending = ExitReason.Error(exception);
        }

        return new(started.Task);
    }

    internal override bool Step(Cell cell)
    {
        var handled = false;

        while (cell.Budget > 0 && !cell.Busy && cell.Ending is null)
        {
            if (!cell.Suspended)
            {
                GoOn(cell);
                return cell.Body!.Step(cell) || handled;
            }

            if (!TakeSystemMessage(cell))
            {
                return handled;
            }

            handled = true;

            if (cell.Body != this)
            {
                return cell.Body!.Step(cell) || handled;
            }
        }

        return handled;
    }

    private void GoOn(Cell cell)
    {
        if (IsStale)
        {
            // To this again in the current code, or to the end of the process.
            Move(cell);
            return;
        }

        cell.Body = new FunctionBody(_module.Continuing(_state));
        cell.Body.Watch(Debug);
    }

    protected override void Terminate(Cell cell, ExitReason reason)
    {
        try
        {
            EndAfter(cell, reason, _module.OnTerminate(Door.Into(Version, reason), _state));
        }
        // It ends anyway; the report says what else went wrong.
        catch (Exception exception)
        {
            EndAfter(cell, reason, ValueTask.FromException(exception));
        }
    }

    protected override InPlace HandleCallInPlace(Cell cell, object request) => throw Unexpected();

    protected override void HandleCall(Cell cell, object request) => throw Unexpected();

    protected override void Handle(Cell cell, object content, bool isCast) => throw Unexpected();

    protected override bool CastIsAsync => true;

    protected override void HandleCasts(Cell cell, CastBatch batch) => throw Unexpected();

    protected override void HandleContinuation(Cell cell, object with) => throw Unexpected();

    private InvalidOperationException Unexpected() => new($"{ModuleName} is a special process: messages other than system messages are for its own loop.");
}
