namespace Midflight;

/// <summary>What a process can do: spawn others, send, receive, link, monitor.</summary>
/// <remarks>
/// Messages from one process to another arrive in the order sent. Nothing is promised between different senders.
/// What needs a calling process says so; the rest can be used from any code where <see cref="Node.Current"/> is known.
/// </remarks>
public static partial class Process
{
    /// <summary>The calling process.</summary>
    /// <exception cref="InvalidOperationException">Not called by a process, or after <c>ConfigureAwait(false)</c>.</exception>
    public static Pid Self => Here.Pid;

    /// <summary>Whether exit signals of links arrive as <see cref="Exited"/> messages instead of ending the calling process. Default: false.</summary>
    public static bool TrapExits
    {
        get => Here.TrapsExits;
        set => Here.TrapsExits = value;
    }

    internal static Cell Here => Cell.Current ?? throw new InvalidOperationException(
        "This is not a process. Call it from a process function or a behaviour's callback, and do not await with ConfigureAwait(false) there.");

    /// <summary>Sends a message. Never waits, never fails: to a process that has ended it does nothing.</summary>
    public static void Send(Pid process, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        process.Cell?.Send(message);
    }

    /// <summary>Sends a message to a registered process.</summary>
    /// <exception cref="InvalidOperationException">No process has that name.</exception>
    public static void Send(string name, object message) => Send(
        WhereIs(name) ?? throw new InvalidOperationException($"No process is registered as '{name}'. Start it first, or look it up with WhereIs."),
        message);

    /// <summary>Takes the oldest message, or waits for one.</summary>
    public static ReceiveAwaitable<object> Receive() => Receive<object>(null, long.MaxValue);

    /// <summary>Takes the oldest message that fits, or waits for one. The others wait on, in their order.</summary>
    /// <param name="fits">Must not block and may be asked about a message more than once.</param>
    public static ReceiveAwaitable<object> Receive(Func<object, bool> fits) => Receive<object>(fits, long.MaxValue);

    /// <summary>Takes the oldest message, or waits for one, but not for ever.</summary>
    /// <param name="timeout">Longest wait, rounded up to milliseconds; zero only looks.</param>
    /// <returns>Null when the time ran out.</returns>
    public static ReceiveAwaitable<object?> Receive(TimeSpan timeout) => Receive<object?>(null, Here.Node.Timers.After(timeout));

    /// <inheritdoc cref="Receive(TimeSpan)"/>
    /// <param name="fits">Which message.</param>
    /// <param name="timeout">Longest wait, rounded up to milliseconds; zero only looks.</param>
    public static ReceiveAwaitable<object?> Receive(Func<object, bool> fits, TimeSpan timeout) => Receive<object?>(fits, Here.Node.Timers.After(timeout));

    /// <summary>Takes the oldest message of a type (and, if given, one that fits), or waits for one.</summary>
    public static ReceiveAwaitable<T> Receive<T>(Func<T, bool>? fits = null) =>
        Receive<T>(fits is null ? static message => message is T : Fitting(fits), long.MaxValue);

    // Apart, so that there is a closure only where it is needed.
    private static Func<object, bool> Fitting<T>(Func<T, bool> fits) => message => message is T typed && fits(typed);

    /// <summary>Takes the oldest message of a type, or waits for one, but not for ever.</summary>
    /// <returns>Null when the time ran out.</returns>
    public static ReceiveAwaitable<T?> Receive<T>(TimeSpan timeout)
        where T : class => Receive<T?>(static message => message is T, Here.Node.Timers.After(timeout));

    private static ReceiveAwaitable<T> Receive<T>(Func<object, bool>? fits, long timeout)
    {
        var self = Here;
        return self.Body is FunctionBody body ? body.Receive<T>(self, fits, timeout) : throw new InvalidOperationException(
            $"Process {self.Pid} is a behaviour ({self.Body?.ModuleName}): its messages go to its callbacks. Receive is for process functions.");
    }

    /// <summary>Registers a process under a name of this node.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the process has ended.</exception>
    public static void Register(string name, Pid process) => Node.Current.Names.Register(name, process);

    /// <summary>Takes a name back. A process's names go with it.</summary>
    public static void Unregister(string name) => Node.Current.Names.Unregister(name);

    /// <summary>The process that is registered under a name; null if none is.</summary>
    public static Pid? WhereIs(string name) => Node.Current.Names.Find(name) is { } cell ? cell.Pid : null;

    /// <summary>Links the calling process with another: when one ends abnormally, so does the other, unless it traps exits.</summary>
    public static void Link(Pid process)
    {
        var self = Here;

        if (process.Cell is not { } other)
        {
            self.Post(new ExitSignal(null, ExitReason.NoProcess, link: false));
        }
        else if (other != self && !self.Links.Contains(other))
        {
            self.Links.Add(other);
            other.Post(new LinkSignal(self, other));
        }
    }

    /// <summary>Takes a link back. After it, no exit signal comes through that link.</summary>
    public static void Unlink(Pid process)
    {
        if (process.Cell is { } other && Here.Links.Remove(other))
        {
            other.Post(new UnlinkSignal(Here));
        }
    }

    /// <summary>Sends an exit signal: OTP's <c>exit(Pid, Reason)</c>.</summary>
    /// <param name="process">The process that should end.</param>
    /// <param name="reason"><see cref="ExitReason.Kill"/> cannot be trapped; <see cref="ExitReason.Normal"/> is ignored by a process that does not trap exits.</param>
    /// <remarks>
    /// It acts when what the process does just now is done. <see cref="ExitReason.Kill"/> acts in the middle of it, after 10 ms, at the
    /// next <see cref="Safepoint"/>.
    /// </remarks>
    public static void Exit(Pid process, ExitReason reason)
    {
        if (reason is ExitReason.KillReason)
        {
            process.Cell?.Kill();
        }
        else
        {
            process.Cell?.Post(new ExitSignal(Cell.Current, reason, link: false));
        }
    }

    /// <summary>Ends the calling process with a reason: OTP's <c>exit(Reason)</c>.</summary>
    /// <exception cref="ExitException">Always.</exception>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Exit(ExitReason reason) => throw new ExitException(reason);

    /// <summary>Hands something over to the calling process: it is disposed when the process ends, for whatever reason.</summary>
    /// <remarks>Files and sockets are owned so; they stay open over every change of code.</remarks>
    public static T Own<T>(T resource)
        where T : IDisposable
    {
        Here.Bonds.Owned.Add(resource);
        return resource;
    }

    /// <summary>Takes something back that the calling process owned; it is not disposed.</summary>
    public static void Disown(IDisposable resource) => Here.Bonds.Owned.Remove(resource);
}
