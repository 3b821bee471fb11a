namespace Midflight;

/// <summary>A step of an upgrade on the children of one supervisor. The supervisor carries it out itself, in its slice, suspended or not.</summary>
internal sealed class SupervisorStep : SystemRequest
{
    private readonly Func<Cell, ValueTask<object?>> _step;

    private SupervisorStep(Func<Cell, ValueTask<object?>> step) => _step = step;

    /// <summary>Has the supervisor carry out a step.</summary>
    /// <param name="supervisor">The supervisor.</param>
    /// <param name="step">The step.</param>
    /// <param name="patience">How long to wait. Default: forever. A step that takes longer continues, and later steps wait for it.</param>
    /// <exception cref="CallFailedException">The supervisor has ended, or the time is over.</exception>
    internal static ValueTask<object?> Ask(Pid supervisor, Func<Cell, ValueTask<object?>> step, TimeSpan? patience = null) =>
        GenServer.Ask<object?>(supervisor, new SupervisorStep(step), patience ?? Timeout.InfiniteTimeSpan);

    internal override void Act(Cell cell, ServerBody body, PendingCall call) => cell.Answer(call, _step);

    public override string ToString() => "change children";
}
