namespace Midflight;

/// <summary>A process with a loop of its own that answers system messages: see <see cref="SpecialProcess{TState}"/>.</summary>
public abstract class SpecialProcess : Behaviour
{
    private protected SpecialProcess()
    {
    }
}

/// <summary>
/// A process with a loop of its own that still answers system messages: it can be suspended, inspected and upgraded. This is OTP's
/// special process, written with <c>proc_lib</c> and <c>sys</c>.
/// </summary>
/// <typeparam name="TState">The state of its loop; converted by shape when the process moves to another code version.</typeparam>
/// <remarks>
/// <para>Use it for the rare loop that no behaviour fits, such as one that receives selectively:</para>
/// <code>
/// public sealed class Pump : SpecialProcess&lt;int&gt;
/// {
///     protected override ProcessTask&lt;Next&gt; Run(object? argument)
///     {
///         Process.InitAck();
///         return new(Next.Current(Loop, 0));
///     }
///
///     protected override ProcessTask&lt;Next&gt; Continue(int state) => Loop(state);
///
///     public static async ProcessTask&lt;Next&gt; Loop(int state) => await Process.Receive() switch
///     {
///         SystemMessage message => Sys.Handle&lt;Pump, int&gt;(message, state),
///         int amount => Next.Current(Loop, state + amount),
///         _ => Next.Current(Loop, state),
///     };
/// }
/// </code>
/// <para>
/// In a function of such a class, <see cref="Process.Receive()"/> returns a <see cref="SystemMessage"/> when that is the oldest message. A receive that
/// does not ask for it leaves it in the mailbox. The process is started like a server, by <see cref="GenServer.Start{TServer}(object?, string?)"/> or a supervisor, or
/// spawned as a function.
/// </para>
/// </remarks>
public abstract class SpecialProcess<TState> : SpecialProcess
{
    /// <summary>The first process function. It calls <see cref="Process.InitAck"/> when it is ready; its starter waits for that.</summary>
    /// <param name="argument">The start argument, converted to this code version.</param>
    protected abstract ProcessTask<Next> Run(object? argument);

    /// <summary>Continues after system messages, with the state that they left: OTP's <c>system_continue</c>.</summary>
    protected abstract ProcessTask<Next> Continue(TState state);

    /// <summary>Cleans up. Called when <see cref="Sys.Terminate"/> ends it, or when its parent ends while it is suspended. OTP's <c>system_terminate</c>.</summary>
    protected virtual ValueTask Terminate(ExitReason reason, TState state) => ValueTask.CompletedTask;

    /// <summary>The part of a code change that goes beyond the shape: OTP's <c>system_code_change</c>.</summary>
    /// <inheritdoc cref="GenServer{TState}.CodeChange"/>
    protected virtual TState CodeChange(OldVsn from, TState state, object? extra) => state;

    /// <summary>The state as shown by <see cref="Sys.GetState"/> and status reports: OTP's <c>system_get_state</c>.</summary>
    protected virtual object? FormatStatus(TState state) => state;

    internal sealed override Type StateType => typeof(TState);

    internal sealed override ServerBody CreateBody() => new SpecialBody<TState>(this, default!);

    internal sealed override ServerBody CreateBody(object? state) => new SpecialBody<TState>(this, (TState)state!);

    internal Next Running(object? argument) => Next.Local<object?>(Run, argument);

    internal Next Continuing(TState state) => Next.Local<TState>(Continue, state);

    internal ValueTask OnTerminate(ExitReason reason, TState state) => Terminate(reason, state);

    internal TState OnCodeChange(OldVsn from, TState state, object? extra) => CodeChange(from, state, extra);

    internal object? OnFormatStatus(TState state) => FormatStatus(state);
}
