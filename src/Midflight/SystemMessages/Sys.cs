namespace Midflight;

/// <summary>System messages: every behaviour answers them, whatever its own messages are. This is OTP's <c>sys</c>.</summary>
/// <remarks>
/// Each takes a time-out, 5 s by default. A request that times out stays in the mailbox and is carried out later, as in OTP: after
/// giving up on a suspend, send a resume. Failures are <see cref="CallFailedException"/>.
/// <para>
/// Trace, log, statistics and installed functions cost a process nothing while none is switched on. Switching on what
/// is already on changes nothing, as in OTP. They survive a change of code; an installed closure of the old code does not. They also work for plain
/// processes, for which they show received messages.
/// </para>
/// </remarks>
public static class Sys
{
    /// <summary>Suspends a process between two messages. From then on messages wait, but system messages are answered.</summary>
    /// <remarks>Not counted: one resume undoes any number of suspends.</remarks>
    public static async ValueTask Suspend(ServerRef process, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Suspend(), timeout);

    /// <summary>Resumes a suspended process. Does nothing to a running one.</summary>
    public static async ValueTask Resume(ServerRef process, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Resume(), timeout);

    /// <summary>Moves a suspended process to the current version of its module: converts its state, then calls CodeChange.</summary>
    /// <param name="process">The process.</param>
    /// <param name="oldVsn">Passed to CodeChange: the vsn of the old version.</param>
    /// <param name="extra">Passed to CodeChange.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    /// <exception cref="InvalidOperationException">The process is not suspended.</exception>
    /// <remarks>Exceptions of CodeChange are thrown here; the process stays suspended, with its old state.</remarks>
    public static async ValueTask ChangeCode(ServerRef process, string oldVsn, object? extra = null, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.ChangeCode(new OldVsn(oldVsn, false), extra), timeout);

    /// <summary>The state of a process.</summary>
    public static ValueTask<object?> GetState(ServerRef process, TimeSpan? timeout = null) =>
        GenServer.Ask<object?>(process, new SystemRequest.GetState(), timeout);

    /// <summary>Changes the state of a process.</summary>
    /// <returns>The new state. Exceptions of the function are thrown here, and the state stays.</returns>
    public static ValueTask<object?> ReplaceState(ServerRef process, Func<object?, object?> replace, TimeSpan? timeout = null) =>
        GenServer.Ask<object?>(process, new SystemRequest.ReplaceState(replace), timeout);

    /// <summary>The status of a process.</summary>
    public static ValueTask<ProcessStatus> GetStatus(ServerRef process, TimeSpan? timeout = null) =>
        GenServer.Ask<ProcessStatus>(process, new SystemRequest.GetStatus(), timeout);

    /// <summary>Ends a process with a reason, through its Terminate, suspended or not.</summary>
    public static async ValueTask Terminate(ServerRef process, ExitReason reason, TimeSpan? timeout = null) =>
        await GenServer.Ask<object?>(process, new SystemRequest.Terminate(reason), timeout);

    /// <summary>Handles a system message for a special process, which calls this from its loop: OTP's <c>sys:handle_system_msg</c>.</summary>
    /// <param name="message">The received message.</param>
    /// <param name="state">The state of its loop.</param>
    /// <typeparam name="TModule">Its module, which continues with <c>Continue</c>.</typeparam>
    /// <typeparam name="TState">The type of its state.</typeparam>
    /// <returns>The value that the process function must end in.</returns>
    /// <remarks>While the process is suspended, none of its functions is on the stack, so it can move to other code.</remarks>
    public static Next Handle<TModule, TState>(SystemMessage message, TState state)
        where TModule : SpecialProcess<TState>
    {
        ArgumentNullException.ThrowIfNull(message);
        var modules = CodeVersion.Of(typeof(TModule))?.Modules ?? Process.Here.Node.Modules;
        return new Next.System(message.Call, new SpecialBody<TState>((SpecialProcess<TState>)modules.Get(typeof(TModule)), state));
    }

    /// <summary>Reports something that a special process did to its debug options: OTP's <c>sys:handle_debug</c>.</summary>
    /// <remarks>Received messages are reported automatically. Costs nothing while nothing is switched on.</remarks>
    public static void HandleDebug(DebugEvent happened)
    {
        var self = Process.Here;
        self.Body?.Debug?.See(self, happened);
    }

    /// <summary>Writes what a process does to the node's log, one line per event: messages, replies, new states.</summary>
    /// <param name="process">The process.</param>
    /// <param name="on">Whether to start or to stop.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Trace(ServerRef process, bool on, TimeSpan? timeout = null) => Switch(process, on, _ => new DebugOption.Trace(), "trace", timeout);

    /// <summary>Keeps the last events of a process, for <see cref="GetLog"/>, <see cref="PrintLog"/> and <see cref="GetStatus"/>.</summary>
    /// <param name="process">The process.</param>
    /// <param name="on">Whether to start, or to stop and forget.</param>
    /// <param name="length">How many events; 1 or more. A message and its result are two. Default: 10.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Log(ServerRef process, bool on, int length = 10, TimeSpan? timeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return Switch(process, on, _ => new DebugOption.Log(length), "log", timeout);
    }

    /// <summary>The events in the log of a process, oldest first; none if it is off.</summary>
    public static ValueTask<IReadOnlyList<string>> GetLog(ServerRef process, TimeSpan? timeout = null) =>
        Ask<IReadOnlyList<string>>(process, (_, options) => options.Find<DebugOption.Log>()?.Events ?? [], timeout);

    /// <summary>Writes the events in the log of a process to the node's log.</summary>
    public static async ValueTask PrintLog(ServerRef process, TimeSpan? timeout = null) =>
        await Ask<object?>(
            process,
            (cell, options) =>
            {
                options.Find<DebugOption.Log>()?.Print(cell);
                return null;
            },
            timeout);

    /// <summary>Counts what a process does, for <see cref="GetStatistics"/>.</summary>
    /// <param name="process">The process.</param>
    /// <param name="on">Whether to start, or to stop and forget.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Statistics(ServerRef process, bool on, TimeSpan? timeout = null) =>
        Switch(process, on, cell => new DebugOption.Statistics(cell.Node.Time.GetUtcNow()), "statistics", timeout);

    /// <summary>What a process has done since its statistics were switched on; null if they are off.</summary>
    public static ValueTask<ProcessStatistics?> GetStatistics(ServerRef process, TimeSpan? timeout = null) =>
        Ask<ProcessStatistics?>(process, (cell, options) => options.Find<DebugOption.Statistics>()?.Now(cell), timeout);

    /// <summary>Installs a function that the process itself calls for each of its events.</summary>
    /// <param name="process">The process.</param>
    /// <param name="id">Names the function, for <see cref="Remove"/>. A second one with this id is not installed.</param>
    /// <param name="function">
    /// Returns whether it wants to see more events. If it returns false or throws, it is removed; the process is not disturbed.
    /// </param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Install(ServerRef process, string id, Func<DebugEvent, bool> function, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentNullException.ThrowIfNull(function);
        return Switch(process, true, _ => new DebugOption.Function(id, function), DebugOption.Function.NameOf(id), timeout);
    }

    /// <summary>Removes an installed function. It is not an error if there is none.</summary>
    public static ValueTask Remove(ServerRef process, string id, TimeSpan? timeout = null) => Switch(process, false, null, DebugOption.Function.NameOf(id), timeout);

    /// <summary>Removes trace, log, statistics and all installed functions of a process.</summary>
    public static async ValueTask NoDebug(ServerRef process, TimeSpan? timeout = null) =>
        await Ask<object?>(
            process,
            (_, options) =>
            {
                options.Clear();
                return null;
            },
            timeout);

    private static async ValueTask Switch(ServerRef process, bool on, Func<Cell, DebugOption>? make, string name, TimeSpan? timeout) =>
        await Ask<object?>(
            process,
            (cell, options) =>
            {
                if (on)
                {
                    options.Add(make!(cell));
                }
                else
                {
                    options.Remove(name);
                }

                return null;
            },
            timeout);

    private static ValueTask<T> Ask<T>(ServerRef process, Func<Cell, DebugOptions, object?> act, TimeSpan? timeout) =>
        process.Find() is { Body: FunctionBody { IsSpecial: false } } cell
            ? new(Look<T>(cell, act, timeout ?? GenServer.DefaultCallTimeout))
            : GenServer.Ask<T>(process, new DebugRequest(act), timeout);

    // A plain process does not answer requests, so it is examined between two of its steps.
    private static async Task<T> Look<T>(Cell cell, Func<Cell, DebugOptions, object?> act, TimeSpan timeout)
    {
        var looked = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        cell.Do(
            owner =>
            {
                try
                {
                    looked.TrySetResult((T)DebugRequest.Carry(owner, owner.Body!, act)!);
                }
                // The logger threw: the requester is told.
                catch (Exception exception)
                {
                    looked.TrySetException(exception);
                }
            },
            _ => looked.TrySetException(new CallFailedException(CallFailure.NoProcess, cell.Pid.ToString(), "debug", null)));

        try
        {
            return await looked.Task.WaitAsync(timeout, cell.Node.Time);
        }
        catch (TimeoutException)
        {
            throw new CallFailedException(CallFailure.TimedOut, cell.Pid.ToString(), "debug", null, timeout);
        }
    }
}
