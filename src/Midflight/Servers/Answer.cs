namespace Midflight;

/// <summary>What a callback of a server decides: the next state, a reply, a time-out, the end.</summary>
/// <remarks>Made by <c>Reply</c>, <c>NoReply</c> and <c>Stop</c> of <see cref="GenServer{TState}"/>.</remarks>
public readonly struct Answer<TState>
{
    internal readonly TState State;
    internal readonly object? ReplyObject;
    internal readonly long ReplyBits;

    // Why the server ends, or what it continues with. Each message returns an answer through three calls, so it has to be small.
    private readonly object? _then;
    private readonly TimeSpan _idle;
    private readonly Parts _parts;

    internal Answer(TState state, bool replies = false, object? reply = null, long bits = 0, ExitReason? ending = null)
    {
        State = state;
        ReplyObject = reply;
        ReplyBits = bits;
        _then = ending;
        _parts = (replies ? Parts.Reply : 0) | (ending is null ? 0 : Parts.End);
    }

    private Answer(in Answer<TState> answer, object? then, TimeSpan idle, Parts more)
    {
        this = answer;
        _then = then;
        _idle = idle;
        _parts |= more;
    }

    [Flags]
    private enum Parts : byte
    {
        Reply = 1,
        End = 2,
        Continuation = 4,
        Idle = 8,
    }

    internal bool Replies => (_parts & Parts.Reply) != 0;

    /// <summary>Whether it contains only the next state and a reply.</summary>
    internal bool IsPlain => (_parts & ~Parts.Reply) == 0;

    internal ExitReason? Ending => (_parts & Parts.End) != 0 ? (ExitReason)_then! : null;

    internal object? Continuation => (_parts & Parts.Continuation) != 0 ? _then : null;

    internal TimeSpan Idle => (_parts & Parts.Idle) != 0 ? _idle : Timeout.InfiniteTimeSpan;

    /// <summary>If no message arrives within this time, HandleInfo gets <see cref="IdleTimeout"/>.</summary>
    /// <param name="time">Zero or more, rounded up to milliseconds. Any message, and any system message, restarts it.</param>
    public Answer<TState> WithTimeout(TimeSpan time) => new(this, _then, time, Parts.Idle);

    /// <summary>Calls HandleContinue next, before any waiting message. An answer that stops the server still stops it.</summary>
    public Answer<TState> Continue(object with) => Ending is null ? new(this, with, _idle, Parts.Continuation) : this;
}

/// <summary>The message that HandleInfo gets when a server's time-out expires: OTP's <c>timeout</c>.</summary>
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

/// <summary>How a server starts: its first state, or that it does not start.</summary>
/// <remarks>A state converts to it implicitly: <c>protected override Started&lt;int&gt; Init(object? argument) => 0;</c></remarks>
public readonly struct Started<TState>
{
    internal readonly Answer<TState> First;
    internal readonly bool Ignored;

    internal Started(Answer<TState> first, bool ignored) => (First, Ignored) = (first, ignored);

    /// <summary>Starts with this state.</summary>
    public static implicit operator Started<TState>(TState state) => new(new(state), false);

    /// <summary>If no message arrives within this time, HandleInfo gets <see cref="IdleTimeout"/>.</summary>
    public Started<TState> WithTimeout(TimeSpan time) => new(First.WithTimeout(time), Ignored);

    /// <summary>Calls HandleContinue next, before any message.</summary>
    public Started<TState> Continue(object with) => new(First.Continue(with), Ignored);
}
