namespace Midflight;

/// <summary>System messages: what every behaviour answers, whatever its own messages are. OTP's <c>sys</c>.</summary>
/// <remarks>
/// Each takes a time-out, 5 s by default. A request that times out stays in the mailbox and is carried out later, as in OTP: whoever
/// gives up on a suspend sends a resume. Failures are <see cref="CallFailedException"/>.
/// <para>
/// Trace, log, statistics and installed functions cost a process nothing as long as none is switched on. Switching on what
/// is on already changes nothing, as in OTP. They stay over a change of code; an installed closure of the code that is left does not. They work for plain
/// processes too, which are seen receiving.
/// </para>
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

    /// <summary>Has a system message handled by a special process, which calls this from its loop: OTP's <c>sys:handle_system_msg</c>.</summary>
    /// <param name="message">What it received.</param>
    /// <param name="state">What its loop carries along.</param>
    /// <typeparam name="TModule">Its module, which goes on with <c>Continue</c>.</typeparam>
    /// <typeparam name="TState">The type of its state.</typeparam>
    /// <returns>What the process function has to end in.</returns>
    /// <remarks>As long as the process is suspended no function of it is on the stack, so it can be taken to other code.</remarks>
    public static Next Handle<TModule, TState>(SystemMessage message, TState state)
        where TModule : SpecialProcess<TState>
    {
        ArgumentNullException.ThrowIfNull(message);
        var modules = CodeVersion.Of(typeof(TModule))?.Modules ?? Process.Here.Node.Modules;
        return new Next.System(message.Call, new SpecialBody<TState>((SpecialProcess<TState>)modules.Get(typeof(TModule)), state));
    }

    /// <summary>Shows something that a special process did to what is switched on for it: OTP's <c>sys:handle_debug</c>.</summary>
    /// <remarks>What it receives is shown by itself. Costs nothing as long as nothing is switched on.</remarks>
    public static void HandleDebug(DebugEvent happened)
    {
        var self = Process.Here;
        self.Body?.Debug?.See(self, happened);
    }

    /// <summary>Writes what a process does to the node's log, a line for each event: what came, what was answered, the new state.</summary>
    /// <param name="process">Which.</param>
    /// <param name="on">Whether to begin or to end.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Trace(ServerRef process, bool on, TimeSpan? timeout = null) => Switch(process, on, _ => new DebugOption.Trace(), "trace", timeout);

    /// <summary>Keeps the last events of a process, for <see cref="GetLog"/>, <see cref="PrintLog"/> and <see cref="GetStatus"/>.</summary>
    /// <param name="process">Which.</param>
    /// <param name="on">Whether to begin, or to end and forget.</param>
    /// <param name="length">How many events; 1 or more. A message and what came of it are two. Default: 10.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Log(ServerRef process, bool on, int length = 10, TimeSpan? timeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return Switch(process, on, _ => new DebugOption.Log(length), "log", timeout);
    }

    /// <summary>The events that the log of a process holds, oldest first; none where it is off.</summary>
    public static ValueTask<IReadOnlyList<string>> GetLog(ServerRef process, TimeSpan? timeout = null) =>
        Ask<IReadOnlyList<string>>(process, (_, options) => options.Find<DebugOption.Log>()?.Events ?? [], timeout);

    /// <summary>Writes the events that the log of a process holds to the node's log.</summary>
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
    /// <param name="process">Which.</param>
    /// <param name="on">Whether to begin, or to end and forget.</param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Statistics(ServerRef process, bool on, TimeSpan? timeout = null) =>
        Switch(process, on, cell => new DebugOption.Statistics(cell.Node.Time.GetUtcNow()), "statistics", timeout);

    /// <summary>What a process has done since its statistics were switched on; null where they are off.</summary>
    public static ValueTask<ProcessStatistics?> GetStatistics(ServerRef process, TimeSpan? timeout = null) =>
        Ask<ProcessStatistics?>(process, (cell, options) => options.Find<DebugOption.Statistics>()?.Now(cell), timeout);

    /// <summary>Has a function called for each event of a process, by the process itself.</summary>
    /// <param name="process">Which.</param>
    /// <param name="id">Names the function, for <see cref="Remove"/>. A second one of this id is not installed.</param>
    /// <param name="function">
    /// Returns whether it wants to see more. Once it returns false or throws it is removed; the process is not disturbed.
    /// </param>
    /// <param name="timeout">Longest wait. Default: 5 s.</param>
    public static ValueTask Install(ServerRef process, string id, Func<DebugEvent, bool> function, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentNullException.ThrowIfNull(function);
        return Switch(process, true, _ => new DebugOption.Function(id, function), DebugOption.Function.NameOf(id), timeout);
    }

    /// <summary>Removes an installed function. One that is not there is no failure.</summary>
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

    // A plain process answers no messages of others, so it is looked at between two of its steps.
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
                // The logger threw: who asked hears of it.
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
