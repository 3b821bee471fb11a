namespace Midflight;

/// <summary>Why a process ended, or why it should end. The terms are OTP's.</summary>
public abstract record ExitReason
{
    private ExitReason()
    {
    }

    /// <summary>The process has finished. Linked processes that do not trap exits are not affected.</summary>
    public static ExitReason Normal { get; } = new NormalReason();

    /// <summary>The process was asked to end, as part of a shutdown. No crash report is written.</summary>
    public static ExitReason Shutdown { get; } = new ShutdownReason(null);

    /// <summary>Ends any process at its next step; cannot be trapped. Linked processes see <see cref="Killed"/>.</summary>
    public static ExitReason Kill { get; } = new KillReason();

    /// <summary>What links and monitors of a killed process see.</summary>
    public static ExitReason Killed { get; } = new KilledReason();

    /// <summary>There was no such process to link, monitor or call.</summary>
    public static ExitReason NoProcess { get; } = new NoProcessReason();

    /// <summary>A start took longer than allowed: OTP's <c>timeout</c>.</summary>
    public static ExitReason TimedOut { get; } = new TimedOutReason();

    /// <summary>An exception that nothing in the process caught.</summary>
    public static ExitReason Error(Exception exception) => new ErrorReason(exception);

    /// <summary>Asked to shut down, with a reason of its own: OTP's <c>{shutdown, Term}</c>.</summary>
    public static ExitReason ShutdownWith(object detail) => new ShutdownReason(detail);

    /// <summary>Any other reason of the program's.</summary>
    public static ExitReason Other(object detail) => new OtherReason(detail);

    /// <summary>A start failed because a process already has the name: OTP's <c>{already_started, Pid}</c>.</summary>
    /// <param name="process">The process that has it.</param>
    /// <param name="name">The name, as shown to people.</param>
    internal static ExitReason TakenBy(Pid process, string name) => new TakenReason(process, name);

    /// <summary>The process that already has the name, if a start failed because of that; otherwise null.</summary>
    public Pid? AlreadyStarted => (this as TakenReason)?.Process;

    /// <summary>Whether the end was a failure: neither normal nor a shutdown.</summary>
    public bool IsAbnormal => this is not (NormalReason or ShutdownReason);

    /// <summary>The exception, if the reason is one.</summary>
    public Exception? Exception => (this as ErrorReason)?.Cause;

    /// <inheritdoc/>
    public sealed override string ToString() => this switch
    {
        NormalReason => "normal",
        ShutdownReason { Detail: null } => "shutdown",
        ShutdownReason { Detail: var detail } => $"shutdown: {Excerpt.Of(detail)}",
        KillReason => "kill",
        KilledReason => "killed",
        NoProcessReason => "no such process",
        TimedOutReason => "timed out",
        ErrorReason { Cause: var cause } => Excerpt.Of(cause),
        OtherReason { Detail: var detail } => Excerpt.Of(detail),
        TakenReason { Process: var process, Name: var name } => $"{name} is taken by {process}",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };

    internal sealed record NormalReason : ExitReason;

    internal sealed record ShutdownReason(object? Detail) : ExitReason;

    internal sealed record KillReason : ExitReason;

    internal sealed record KilledReason : ExitReason;

    internal sealed record NoProcessReason : ExitReason;

    internal sealed record TimedOutReason : ExitReason;

    internal sealed record ErrorReason(Exception Cause) : ExitReason;

    internal sealed record OtherReason(object Detail) : ExitReason;

    internal sealed record TakenReason(Pid Process, string Name) : ExitReason;
}
