namespace Midflight;

// Starting processes.
public static partial class Process
{
    /// <summary>Starts a process with a function, in its current version.</summary>
    /// <param name="function">A static method is looked up by name in the current code version; a lambda stays in its own version.</param>
    public static Pid Spawn(Func<ProcessTask<Next>> function) => Start(new FunctionBody(function)).Pid;

    /// <inheritdoc cref="Spawn(Func{ProcessTask{Next}})"/>
    /// <param name="function">The function.</param>
    /// <param name="argument">Its argument.</param>
    public static Pid Spawn<T>(Func<T, ProcessTask<Next>> function, T argument) => Start(Next.Current(function, argument)).Pid;

    /// <inheritdoc cref="Spawn(Func{ProcessTask{Next}})"/>
    public static Pid Spawn<T1, T2>(Func<T1, T2, ProcessTask<Next>> function, T1 first, T2 second) => Start(Next.Current(function, first, second)).Pid;

    /// <inheritdoc cref="Spawn(Func{ProcessTask{Next}})"/>
    public static Pid Spawn(Func<ProcessTask> function) => Start(new FunctionBody(function)).Pid;

    /// <inheritdoc cref="Spawn{T}(Func{T, ProcessTask{Next}}, T)"/>
    public static Pid Spawn<T>(Func<T, ProcessTask> function, T argument) => Start(new Next.Plain<T>(function, argument, true)).Pid;

    /// <summary>Starts a process linked to the calling process.</summary>
    public static Pid SpawnLink(Func<ProcessTask<Next>> function) => Start(Next.Current(function), Here).Pid;

    /// <inheritdoc cref="SpawnLink(Func{ProcessTask{Next}})"/>
    public static Pid SpawnLink<T>(Func<T, ProcessTask<Next>> function, T argument) => Start(Next.Current(function, argument), Here).Pid;

    /// <inheritdoc cref="SpawnLink(Func{ProcessTask{Next}})"/>
    public static Pid SpawnLink(Func<ProcessTask> function) => Start(new Next.Plain(function, true), Here).Pid;

    /// <inheritdoc cref="SpawnLink(Func{ProcessTask{Next}})"/>
    public static Pid SpawnLink<T>(Func<T, ProcessTask> function, T argument) => Start(new Next.Plain<T>(function, argument, true), Here).Pid;

    /// <summary>Starts a process monitored by the calling process.</summary>
    public static (Pid Pid, MonitorRef Monitor) SpawnMonitor(Func<ProcessTask<Next>> function) => Watched(Next.Current(function));

    /// <inheritdoc cref="SpawnMonitor(Func{ProcessTask{Next}})"/>
    public static (Pid Pid, MonitorRef Monitor) SpawnMonitor<T>(Func<T, ProcessTask<Next>> function, T argument) => Watched(Next.Current(function, argument));

    /// <inheritdoc cref="SpawnMonitor(Func{ProcessTask{Next}})"/>
    public static (Pid Pid, MonitorRef Monitor) SpawnMonitor(Func<ProcessTask> function) => Watched(new Next.Plain(function, true));

    private static (Pid, MonitorRef) Watched(Next next)
    {
        var watcher = Here;
        MonitorRef? monitor = null;
        var cell = Start(next, prepare: cell => cell.Bonds.Watchers.Add(monitor = new MonitorRef(watcher, cell.Pid)));
        return (cell.Pid, monitor!);
    }

    /// <summary>Starts a process with a function, and waits until it reports that it is ready: OTP's <c>proc_lib:start</c>.</summary>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <exception cref="StartFailedException">The process ended before; the message says why.</exception>
    public static ValueTask<Pid> Start(Func<ProcessTask<Next>> function) => Ready(Next.Current(function), null);

    /// <inheritdoc cref="Start(Func{ProcessTask{Next}})"/>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <param name="argument">Its argument.</param>
    public static ValueTask<Pid> Start<T>(Func<T, ProcessTask<Next>> function, T argument) => Ready(Next.Current(function, argument), null);

    /// <summary>Starts a process linked to the calling process, and waits until it reports that it is ready: OTP's <c>proc_lib:start_link</c>.</summary>
    /// <inheritdoc cref="Start(Func{ProcessTask{Next}})"/>
    public static ValueTask<Pid> StartLink(Func<ProcessTask<Next>> function) => Ready(Next.Current(function), Here);

    /// <inheritdoc cref="StartLink(Func{ProcessTask{Next}})"/>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <param name="argument">Its argument.</param>
    public static ValueTask<Pid> StartLink<T>(Func<T, ProcessTask<Next>> function, T argument) => Ready(Next.Current(function, argument), Here);

    /// <inheritdoc cref="Start(Func{ProcessTask{Next}})"/>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <param name="timeout">How long that may take. Then the process is killed, and its start fails with <see cref="ExitReason.TimedOut"/>.</param>
    public static ValueTask<Pid> Start(Func<ProcessTask<Next>> function, TimeSpan timeout) => Ready(Next.Current(function), null, timeout);

    /// <summary>Starts a process linked to the calling process, and waits up to a time limit until it reports that it is ready.</summary>
    /// <inheritdoc cref="Start(Func{ProcessTask{Next}}, TimeSpan)"/>
    public static ValueTask<Pid> StartLink(Func<ProcessTask<Next>> function, TimeSpan timeout) => Ready(Next.Current(function), Here, timeout);

    /// <inheritdoc cref="Start(Func{ProcessTask{Next}}, TimeSpan)"/>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="timeout">How long that may take.</param>
    public static ValueTask<Pid> Start<T>(Func<T, ProcessTask<Next>> function, T argument, TimeSpan timeout) => Ready(Next.Current(function, argument), null, timeout);

    /// <inheritdoc cref="StartLink(Func{ProcessTask{Next}}, TimeSpan)"/>
    /// <param name="function">Calls <see cref="InitAck"/> when it is ready.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="timeout">How long that may take.</param>
    public static ValueTask<Pid> StartLink<T>(Func<T, ProcessTask<Next>> function, T argument, TimeSpan timeout) => Ready(Next.Current(function, argument), Here, timeout);

    private static ValueTask<Pid> Ready(Next next, Cell? link, TimeSpan? timeout = null)
    {
        var module = next.Function!.Method.DeclaringType!;
        var starting = new StartWatch(module);

        if (timeout is not { } time)
        {
            Start(next, link, cell => cell.Bonds.Starting = starting);
            return new(starting.Task);
        }

        var attempt = new StartAttempt(module, link, new() { Timeout = time });
        Start(
            next,
            link,
            cell =>
            {
                cell.Bonds.Starting = starting;
                attempt.Begins(cell);
            });
        return attempt.Within(starting.Task);
    }

    /// <summary>Reports to the waiting starter that the calling process is ready. If nobody waits, this does nothing.</summary>
    /// <remarks>If a process ends before this, its start has failed with the reason for its end: OTP's <c>proc_lib:init_fail</c>.</remarks>
    public static void InitAck()
    {
        var self = Here;

        if (self.Bonds.Starting is { } starting)
        {
            self.Bonds.Starting = null;
            starting.Ready(self);
        }
    }

    internal static Cell Start(Next next, Cell? link = null, Action<Cell>? prepare = null, Node? node = null) => Start(new FunctionBody(next), link, prepare, node);

    private static Cell Start(FunctionBody body, Cell? link = null, Action<Cell>? prepare = null, Node? node = null)
    {
        var cell = new Cell(link?.Node ?? node ?? Node.Current, null) { Body = body };

        if (link is not null)
        {
            link.Links.Add(cell);
            cell.Links.Add(link);
            cell.Parent = link;
        }

        prepare?.Invoke(cell);
        Scheduler.Spawned(cell);
        return cell;
    }
}
