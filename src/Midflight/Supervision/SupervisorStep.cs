namespace Midflight;

/// <summary>What an upgrade does to the children of one supervisor. The supervisor does it itself, in its slice, suspended or not.</summary>
internal sealed class SupervisorStep : SystemRequest
{
    private readonly Func<Cell, ValueTask<object?>> _step;

    private SupervisorStep(Func<Cell, ValueTask<object?>> step) => _step = step;

    /// <summary>Has it done.</summary>
    /// <param name="supervisor">By whom.</param>
    /// <param name="step">What.</param>
    /// <param name="patience">How long that may take. Default: for ever. A step that takes longer goes on, and those asked for later wait for it.</param>
    /// <exception cref="CallFailedException">The supervisor has ended, or the time has.</exception>
    internal static ValueTask<object?> Ask(Pid supervisor, Func<Cell, ValueTask<object?>> step, TimeSpan? patience = null) =>
        GenServer.Ask<object?>(supervisor, new SupervisorStep(step), patience ?? Timeout.InfiniteTimeSpan);

    internal override void Act(Cell cell, ServerBody body, PendingCall call) => cell.Answer(call, _step);

    public override string ToString() => "change children";
}
