namespace Midflight.Host.Control;

/// <summary>One step of a request in progress, reported to the client that asked.</summary>
/// <param name="Step">The name of the step, for programs: <c>unpack</c>, <c>rehearse</c>, <c>switch</c> …</param>
/// <param name="Text">The step in words, for people.</param>
internal sealed record ProgressReport(string Step, string Text);

/// <summary>What a handler knows about its client.</summary>
internal sealed class ControlProgress(Action<ProgressReport> send, CancellationToken clientGone)
{
    /// <summary>
    /// Cancelled when the client disconnects. Changes to the node still continue; something that only the client wants
    /// (an expression that runs forever) ends.
    /// </summary>
    public CancellationToken ClientGone { get; } = clientGone;

    /// <summary>Reports a step to the client; dropped if the client is gone or reads too slowly. Never waits.</summary>
    public void Report(string step, string text) => send(new ProgressReport(step, text));
}

/// <summary>Carries out one request.</summary>
/// <param name="request">What the client sent.</param>
/// <param name="progress">Reports how far the work is.</param>
/// <param name="stopping">Cancelled when the node stops; not when the client goes away.</param>
/// <exception cref="ControlRefusedException">The foreseen "no".</exception>
internal delegate ValueTask<TReply> ControlHandler<in TRequest, TReply>(
    TRequest request, ControlProgress progress, CancellationToken stopping);

/// <summary>A request of the control channel; says which method it calls and what comes back.</summary>
internal interface IControlRequest<TReply>
{
    /// <summary>The name of the method on the wire, which is the verb of the command line.</summary>
    public static abstract string Method { get; }

    /// <summary>Whether it changes something, and so is written to the audit log.</summary>
    public static virtual bool Changes => false;
}
