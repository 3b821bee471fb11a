namespace Midflight;

/// <summary>System messages: what every behaviour answers, whatever its own messages are. OTP's <c>sys</c>.</summary>
/// <remarks>
/// Each takes a time-out, 5 s by default. A request that times out stays in the mailbox and is carried out later, as in OTP: whoever
/// gives up on a suspend sends a resume. Failures are <see cref="CallFailedException"/>.
/// </remarks>
public static class Sys
{
    /// <summary>Stops a process between two messages. From then on messages wait; system messages are answered.</summary>
    /// <remarks>Not counted: one resume undoes any number of suspends.</remarks>
    public static async ValueTask Suspend(ServerRef process, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Suspend(), timeout);

    /// <summary>Lets a suspended process go on. To one that is running it does nothing.</summary>
    public static async ValueTask Resume(ServerRef process, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Resume(), timeout);

    /// <summary>Takes a suspended process to the current version of its module: converts its state, then calls CodeChange.</summary>
    /// <param name="process">Which.</param>
    /// <param name="oldVsn">Handed to CodeChange: the vsn of the version left.</param>
    /// <param name="extra">Handed to CodeChange.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    /// <exception cref="InvalidOperationException">The process is not suspended.</exception>
    /// <remarks>What CodeChange throws is thrown here; the process stays suspended, with its old state.</remarks>
    public static async ValueTask ChangeCode(ServerRef process, string oldVsn, object? extra = null, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.ChangeCode(new OldVsn(oldVsn, false), extra), timeout);

    /// <summary>The state of a process, as it is.</summary>
    public static ValueTask<object?> GetState(ServerRef process, TimeSpan? timeout = null) =>
        GenServer.Ask<object?>(process, new SystemRequest.GetState(), timeout);

    /// <summary>Changes the state of a process.</summary>
    /// <returns>The new state. What the function throws is thrown here, and the state stays.</returns>
    public static ValueTask<object?> ReplaceState(ServerRef process, Func<object?, object?> replace, TimeSpan? timeout = null) =>
        GenServer.Ask<object?>(process, new SystemRequest.ReplaceState(replace), timeout);

    /// <summary>What a process is and does.</summary>
    public static ValueTask<ProcessStatus> GetStatus(ServerRef process, TimeSpan? timeout = null) =>
        GenServer.Ask<ProcessStatus>(process, new SystemRequest.GetStatus(), timeout);

    /// <summary>Ends a process with a reason, through its Terminate, suspended or not.</summary>
    public static async ValueTask Terminate(ServerRef process, ExitReason reason, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Terminate(reason), timeout);
}
