namespace Midflight;

/// <summary>The functions of a process: spawn others, send, receive, link, monitor.</summary>
/// <remarks>
/// Messages from one process to another arrive in the order sent. Between different senders no order is promised.
/// Functions that need a calling process say so; the others work in any code where <see cref="Node.Current"/> is known.
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

    /// <summary>Sends a message. Never waits and never fails: if the process has ended, this does nothing.</summary>
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

    /// <summary>Takes the oldest matching message, or waits for one. The others stay, in order.</summary>
    /// <param name="fits">Must not block, and may be called more than once for a message.</param>
    public static ReceiveAwaitable<object> Receive(Func<object, bool> fits) => Receive<object>(fits, long.MaxValue);

    /// <summary>Takes the oldest message, or waits for one up to a time limit.</summary>
    /// <param name="timeout">Longest wait, rounded up to milliseconds; zero does not wait.</param>
    /// <returns>Null if the wait timed out.</returns>
    public static ReceiveAwaitable<object?> Receive(TimeSpan timeout) => Receive<object?>(null, Here.Node.Timers.After(timeout));

    /// <inheritdoc cref="Receive(TimeSpan)"/>
    /// <param name="fits">Whether a message matches.</param>
    /// <param name="timeout">Longest wait, rounded up to milliseconds; zero does not wait.</param>
    public static ReceiveAwaitable<object?> Receive(Func<object, bool> fits, TimeSpan timeout) => Receive<object?>(fits, Here.Node.Timers.After(timeout));

    /// <summary>Takes the oldest message of a type that also matches, if a condition is given, or waits for one.</summary>
    public static ReceiveAwaitable<T> Receive<T>(Func<T, bool>? fits = null) =>
        Receive<T>(fits is null ? static message => message is T : Fitting(fits), long.MaxValue);

    // A separate method, so that a closure is allocated only where it is needed.
    private static Func<object, bool> Fitting<T>(Func<T, bool> fits) => message => message is T typed && fits(typed);

    /// <summary>Takes the oldest message of a type, or waits for one up to a time limit.</summary>
    /// <returns>Null if the wait timed out.</returns>
    public static ReceiveAwaitable<T?> Receive<T>(TimeSpan timeout)
        where T : class => Receive<T?>(static message => message is T, Here.Node.Timers.After(timeout));

    private static ReceiveAwaitable<T> Receive<T>(Func<object, bool>? fits, long timeout)
    {
        var self = Here;
        return self.Body is FunctionBody body ? body.Receive<T>(self, fits, timeout) : throw new InvalidOperationException(
            $"Process {self.Pid} is a behaviour ({self.Body?.ModuleName}): its messages go to its callbacks. Receive is for process functions.");
    }

    /// <summary>Registers a process under a name on this node.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the process has ended.</exception>
    public static void Register(string name, Pid process) => Node.Current.Names.Register(name, process);

    /// <summary>Releases a name. A process's names are released when it ends.</summary>
    public static void Unregister(string name) => Node.Current.Names.Unregister(name);

    /// <summary>The process registered under a name; null if there is none.</summary>
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

    /// <summary>Removes a link. After that, no exit signal comes through that link.</summary>
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
    /// It takes effect when the process's current step is done. <see cref="ExitReason.Kill"/> takes effect in the middle of a step, after 10 ms, at the
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

    /// <summary>Makes the calling process the owner of something: it is disposed when the process ends, for whatever reason.</summary>
    /// <remarks>Use it for files and sockets; they stay open across every change of code.</remarks>
    public static T Own<T>(T resource)
        where T : IDisposable
    {
        Here.Bonds.Owned.Add(resource);
        return resource;
    }

    /// <summary>Gives up ownership of something; it is not disposed.</summary>
    public static void Disown(IDisposable resource) => Here.Bonds.Owned.Remove(resource);
}
