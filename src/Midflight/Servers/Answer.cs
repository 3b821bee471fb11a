namespace Midflight;

/// <summary>What a callback of a server decides: the next state, a reply, a time-out, the end.</summary>
/// <remarks>Made by <c>Reply</c>, <c>NoReply</c> and <c>Stop</c> of <see cref="GenServer{TState}"/>.</remarks>
public readonly struct Answer<TState>
{
    internal readonly TState State;
    internal readonly object? ReplyObject;
    internal readonly long ReplyBits;
    internal readonly bool Replies;
    internal readonly ExitReason? Ending;
    internal readonly TimeSpan? Idle;
    internal readonly object? Continuation;

    internal Answer(TState state, bool replies = false, object? reply = null, long bits = 0, ExitReason? ending = null, TimeSpan? idle = null, object? continuation = null)
    {
        State = state;
        Replies = replies;
        ReplyObject = reply;
        ReplyBits = bits;
        Ending = ending;
        Idle = idle;
        Continuation = continuation;
    }

    /// <summary>If nothing comes within this time, HandleInfo is given <see cref="IdleTimeout"/>.</summary>
    /// <param name="time">Zero or more, rounded up to milliseconds. Any message, and any system message, starts it over.</param>
    public Answer<TState> WithTimeout(TimeSpan time) => new(State, Replies, ReplyObject, ReplyBits, Ending, time, Continuation);

    /// <summary>Calls HandleContinue next, before any message that waits.</summary>
    public Answer<TState> Continue(object with) => new(State, Replies, ReplyObject, ReplyBits, Ending, Idle, with);
}

/// <summary>What HandleInfo is given when a server's time-out passes: OTP's <c>timeout</c>.</summary>
public sealed class IdleTimeout
{
    private IdleTimeout()
    {
    }

    /// <summary>The one instance.</summary>
    public static IdleTimeout Message { get; } = new();

    /// <inheritdoc/>
    public override string ToString() => "timeout";
}

/// <summary>How a server begins: its first state, or that it does not want to.</summary>
/// <remarks>A state converts to it by itself: <c>protected override Started&lt;int&gt; Init(object? argument) => 0;</c></remarks>
public readonly struct Started<TState>
{
    internal readonly Answer<TState> First;
    internal readonly bool Ignored;

    internal Started(Answer<TState> first, bool ignored) => (First, Ignored) = (first, ignored);

    /// <summary>Begins with this state.</summary>
    public static implicit operator Started<TState>(TState state) => new(new(state), false);

    /// <summary>If nothing comes within this time, HandleInfo is given <see cref="IdleTimeout"/>.</summary>
    public Started<TState> WithTimeout(TimeSpan time) => new(First.WithTimeout(time), Ignored);

    /// <summary>Calls HandleContinue next, before any message.</summary>
    public Started<TState> Continue(object with) => new(First.Continue(with), Ignored);
}
