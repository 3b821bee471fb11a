using System.Runtime.CompilerServices;

namespace Midflight;

// Starting and stopping servers: the client side, which is the same for every server.
public abstract partial class GenServer
{
    /// <summary>Starts a server and waits for its Init.</summary>
    /// <param name="argument">Passed to Init.</param>
    /// <param name="name">Registered before Init runs. Default: no name.</param>
    /// <typeparam name="TServer">The module; its current version is started.</typeparam>
    /// <returns>The server's pid; the pid of no process if Init returns Ignore.</returns>
    /// <exception cref="StartFailedException">Init threw or refused, or the name is taken.</exception>
    public static ValueTask<Pid> Start<TServer>(object? argument = null, string? name = null)
        where TServer : Behaviour => Start(typeof(TServer), argument, name);

    /// <summary>Starts a server linked to the calling process, which becomes its parent: the server ends with it.</summary>
    /// <inheritdoc cref="Start{TServer}(object?, string?)"/>
    public static ValueTask<Pid> StartLink<TServer>(object? argument = null, string? name = null)
        where TServer : Behaviour => StartLink(typeof(TServer), argument, name);

    /// <summary>Starts a server under a key of a registry, and waits for its Init.</summary>
    /// <param name="argument">Passed to Init.</param>
    /// <param name="name">Registered before Init runs.</param>
    /// <exception cref="StartFailedException">Init threw or refused, or the key is taken.</exception>
    public static ValueTask<Pid> Start<TServer>(object? argument, Via name)
        where TServer : Behaviour => Begin(Node.Current, typeof(TServer), argument, null, null, name);

    /// <summary>Starts a server under a key of a registry, linked to the calling process, which becomes its parent.</summary>
    /// <inheritdoc cref="Start{TServer}(object?, Via)"/>
    public static ValueTask<Pid> StartLink<TServer>(object? argument, Via name)
        where TServer : Behaviour => Begin(Process.Here.Node, typeof(TServer), argument, null, Process.Here, name);

    /// <inheritdoc cref="Start{TServer}(object?, string?)"/>
    /// <param name="module">The module's type, in any version.</param>
    /// <param name="argument">Passed to Init.</param>
    /// <param name="name">Registered before Init runs. Default: no name.</param>
    public static ValueTask<Pid> Start(Type module, object? argument = null, string? name = null) =>
        Begin(Node.Current, module, argument, name, null);

    /// <inheritdoc cref="StartLink{TServer}(object?, string?)"/>
    /// <param name="module">The module's type, in any version.</param>
    /// <param name="argument">Passed to Init.</param>
    /// <param name="name">Registered before Init runs. Default: no name.</param>
    public static ValueTask<Pid> StartLink(Type module, object? argument = null, string? name = null) =>
        Begin(Process.Here.Node, module, argument, name, Process.Here);

    /// <summary>Starts a server with options: a name or key, a time-out for its Init, debug options from its first message on.</summary>
    /// <param name="argument">Passed to Init.</param>
    /// <param name="options">See <see cref="StartOptions"/>.</param>
    /// <exception cref="StartFailedException">
    /// Init threw, refused or did not end in time, or the name is taken. Then neither a process nor its name remains.
    /// </exception>
    /// <exception cref="OperationCanceledException">The start was cancelled. Then neither a process nor its name remains.</exception>
    public static ValueTask<Pid> Start<TServer>(object? argument, StartOptions options)
        where TServer : Behaviour => Begin(Node.Current, typeof(TServer), argument, options, null);

    /// <summary>Starts a server with options, linked to the calling process, which becomes its parent.</summary>
    /// <inheritdoc cref="Start{TServer}(object?, StartOptions)"/>
    public static ValueTask<Pid> StartLink<TServer>(object? argument, StartOptions options)
        where TServer : Behaviour => Begin(Process.Here.Node, typeof(TServer), argument, options, Process.Here);

    /// <summary>The process with a name. If there is none, a server is started under the name.</summary>
    /// <param name="argument">Passed to Init, if a server is started.</param>
    /// <param name="name">The name, registered before Init runs.</param>
    /// <returns>The pid of the process that has the name now. A process that was found may still be in its Init.</returns>
    /// <exception cref="StartFailedException">Init threw or refused.</exception>
    public static ValueTask<Pid> StartOrFind<TServer>(object? argument, string name)
        where TServer : Behaviour => OrFind(Start<TServer>(argument, name));

    /// <inheritdoc cref="StartOrFind{TServer}(object?, string)"/>
    /// <param name="argument">Passed to Init, if a server is started.</param>
    /// <param name="name">The key of a registry, registered before Init runs.</param>
    public static ValueTask<Pid> StartOrFind<TServer>(object? argument, Via name)
        where TServer : Behaviour => OrFind(Start<TServer>(argument, name));

    /// <summary>The process with a name. If there is none, a server is started under the name and linked to the calling process.</summary>
    /// <remarks>A process that was found is not linked.</remarks>
    /// <inheritdoc cref="StartOrFind{TServer}(object?, string)"/>
    public static ValueTask<Pid> StartLinkOrFind<TServer>(object? argument, string name)
        where TServer : Behaviour => OrFind(StartLink<TServer>(argument, name));

    /// <summary>The process with a key. If there is none, a server is started under the key and linked to the calling process.</summary>
    /// <remarks>A process that was found is not linked.</remarks>
    /// <inheritdoc cref="StartOrFind{TServer}(object?, Via)"/>
    public static ValueTask<Pid> StartLinkOrFind<TServer>(object? argument, Via name)
        where TServer : Behaviour => OrFind(StartLink<TServer>(argument, name));

    private static async ValueTask<Pid> OrFind(ValueTask<Pid> starting)
    {
        try
        {
            return await starting;
        }
        catch (StartFailedException taken) when (taken.AlreadyStarted is { } pid)
        {
            return pid;
        }
    }

    /// <summary>Turns the process whose function ends in this into a server: OTP's <c>enter_loop</c>.</summary>
    /// <param name="state">The server's first state: there is no Init.</param>
    /// <param name="timeout">If no message arrives within this time, HandleInfo gets <see cref="IdleTimeout"/>. Default: forever.</param>
    /// <param name="continueWith">Passed to HandleContinue before any message. Default: it is not called.</param>
    /// <typeparam name="TServer">The module.</typeparam>
    /// <typeparam name="TState">The type of its state.</typeparam>
    /// <returns>The value that the process function must end in.</returns>
    /// <remarks>
    /// For a start that needs what Init cannot do, such as selective receive: <c>Process.StartLink(function)</c>, then <see cref="Process.InitAck"/>, then this. The
    /// process keeps its pid, links, names and messages. The process that started it linked is its parent.
    /// </remarks>
    public static Next EnterLoop<TServer, TState>(TState state, TimeSpan? timeout = null, object? continueWith = null)
        where TServer : GenServer<TState> => Loop<TServer>(state, timeout, _ => continueWith);

    private protected static Next Loop<TModule>(object? state, TimeSpan? timeout, Func<TModule, object?> continueWith)
        where TModule : Behaviour
    {
        var module = (CodeVersion.Of(typeof(TModule))?.Modules ?? Process.Here.Node.Modules).Get(typeof(TModule));
        return new Next.Server(module.CreateBody(state), timeout ?? Timeout.InfiniteTimeSpan, continueWith((TModule)module));
    }

    /// <summary>Ends a server, through its Terminate, and waits until it has ended: OTP's <c>gen_server:stop</c>.</summary>
    /// <param name="server">Pid or registered name; a supervisor works too.</param>
    /// <param name="reason">Why. Default: <see cref="ExitReason.Normal"/>.</param>
    /// <param name="timeout">Longest wait. Default: forever. When it expires, the server still ends.</param>
    /// <param name="cancellation">Ends the wait; the server still ends.</param>
    /// <exception cref="CallFailedException">
    /// There is no such process, it ended for another reason (see <c>Reason</c>), or the wait timed out; <c>Failure</c> says which.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>When this returns, the process is gone, with its name and everything that it owned. This also works for a suspended server.</remarks>
    public static async ValueTask Stop(ServerRef server, ExitReason? reason = null, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        reason ??= ExitReason.Normal;

        try
        {
            await Ask<object?>(server, new SystemRequest.Stop(reason), timeout ?? Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (CallFailedException ended) when (ended.Failure == CallFailure.Ended && Equals(ended.Reason, reason))
        {
        }
    }

    private static ValueTask<Pid> Begin(Node node, Type module, object? argument, StartOptions options, Cell? parent)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Begin(node, module, argument, options.Name, parent, options.Via, options);
    }

    [MethodImpl(Inlining.NotIntoHotCode)]
    internal static ValueTask<Pid> Begin(
        Node node, Type module, object? argument, string? name, Cell? parent, Via? via = null, StartOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        options?.Cancellation.ThrowIfCancellationRequested();
        var behaviour = Behaviour.Current(node, module);
        var body = behaviour.CreateBody();

        // The starter owns it until Init is done, and runs Init on its own thread.
        var cell = new Cell(node, null) { Body = body };

        if (StartName.Take(cell, name, via) is { } taken)
        {
            cell.Ending = ExitReason.Normal;
            cell.Leave();
            return ValueTask.FromException<Pid>(StartFailedException.Taken(module.FullName!, taken));
        }

        if (parent is not null)
        {
            parent.Links.Add(cell);
            cell.Links.Add(parent);
            cell.Parent = parent;
        }

        options?.Prepare(cell, body);

        if (options is { IsLimited: true })
        {
            return new StartAttempt(module, parent, options).Init(cell, body, argument);
        }

        var context = SynchronizationContext.Current;
        var flow = Flow.Suspend();
        SynchronizationContext.SetSynchronizationContext(cell);
        cell.Depth = (byte)Math.Min(byte.MaxValue, (context is Cell starter ? starter.Depth : 0) + 1);
        cell.Budget = Cell.SliceBudget;
        var start = body.Init(cell, argument, parent);
        SynchronizationContext.SetSynchronizationContext(context);
        flow.Restore();
        cell.Leave();
        return start;
    }
}
