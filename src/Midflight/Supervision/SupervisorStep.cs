namespace Midflight;

/// <summary>What an upgrade does to the children of one supervisor. The supervisor does it itself, in its slice, suspended or not.</summary>
internal sealed class SupervisorStep : SystemRequest
{
    private readonly Func<Cell, ValueTask<object?>> _step;

    private SupervisorStep(Func<Cell, ValueTask<object?>> step) => _step = step;

    /// <summary>Has it done, however long that takes.</summary>
    /// <exception cref="CallFailedException">The supervisor has ended.</exception>
    internal static ValueTask<object?> Ask(Pid supervisor, Func<Cell, ValueTask<object?>> step) =>
        GenServer.Ask<object?>(supervisor, new SupervisorStep(step), Timeout.InfiniteTimeSpan);

    internal override void Act(Cell cell, ServerBody body, PendingCall call) => cell.Answer(call, _step);

    public override string ToString() => "change children";
}
