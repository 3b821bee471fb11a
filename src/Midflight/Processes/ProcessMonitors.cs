namespace Midflight;

// Monitors and aliases.
public static partial class Process
{
    /// <summary>Requests a <see cref="Down"/> message for when a process ends; at once if it has ended.</summary>
    public static MonitorRef Monitor(Pid process) => Begin(new MonitorRef(Here, process));

    /// <inheritdoc cref="Monitor(Pid)"/>
    /// <param name="process">The process.</param>
    /// <param name="options">A tag for its message, and an alias.</param>
    public static MonitorRef Monitor(Pid process, MonitorOptions options) => Begin(MonitorRef.With(Here, process, null, options));

    /// <summary>Requests a <see cref="Down"/> message for when the process that now has a name ends; at once if none has it.</summary>
    /// <param name="name">The name, which the message repeats.</param>
    /// <param name="options">A tag for its message, and an alias. Default: neither.</param>
    /// <remarks>The monitor stays with that process, whoever gets the name later.</remarks>
    public static MonitorRef Monitor(string name, MonitorOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Begin(MonitorRef.With(Here, WhereIs(name) ?? default, name, options));
    }

    private static MonitorRef Begin(MonitorRef monitor)
    {
        if (monitor.Target.Cell is { } other)
        {
            other.Post(new MonitorSignal(monitor));
        }
        else
        {
            new MonitorSignal(monitor).Undeliverable(null);
        }

        return monitor;
    }

    /// <summary>Stops monitoring. After that no <see cref="Down"/> comes; one that has arrived may still be in the mailbox.</summary>
    /// <remarks>A monitor of another process is not affected, as in OTP.</remarks>
    public static void Demonitor(MonitorRef monitor) => Demonitor(monitor, flush: false);

    /// <summary>Stops monitoring, and can remove a <see cref="Down"/> that has already arrived from the mailbox: OTP's <c>[flush, info]</c>.</summary>
    /// <param name="monitor">A monitor of the calling process; one of another process is not affected.</param>
    /// <param name="flush">Whether to remove the message.</param>
    /// <returns>Whether the process was still monitored. False: its end had been reported, or it was demonitored before.</returns>
    public static bool Demonitor(MonitorRef monitor, bool flush)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        var self = Here;

        if (monitor.Watcher != self)
        {
            return false;
        }

        var was = monitor.Active;
        monitor.Stop();
        self.Bonds.Watched.Remove(monitor);
        monitor.Target.Cell?.Post(new DemonitorSignal(monitor));

        if (flush && !was)
        {
            (self.Body as FunctionBody)?.LookAnew();
            self.Mailbox.Dequeue(static (message, monitor) => message is Message { Content: Down down } && down.Ref == monitor, monitor);
        }

        return was;
    }

    /// <summary>Creates a revocable way for others to send to the calling process: OTP's <c>alias</c>.</summary>
    /// <param name="until">How long it is valid, unless it is revoked earlier. Default: <see cref="AliasUntil.Unaliased"/>.</param>
    /// <exception cref="ArgumentException">Until a monitor ends: that needs a monitor, see <see cref="MonitorOptions.Alias"/>.</exception>
    public static AliasRef Alias(AliasUntil until = AliasUntil.Unaliased) => until == AliasUntil.MonitorEnds
        ? throw new ArgumentException("An alias that ends with a monitor needs a monitor. Create it with Process.Monitor and MonitorOptions.Alias.", nameof(until))
        : new AliasRef(Here, until);

    /// <summary>Revokes an alias: later messages through it are dropped. Messages that have arrived may still be in the mailbox.</summary>
    /// <returns>Whether it was valid. An alias of another process is not affected.</returns>
    public static bool Unalias(AliasRef alias)
    {
        ArgumentNullException.ThrowIfNull(alias);
        var was = alias.Owner == Here && alias.Active;

        if (was)
        {
            alias.Active = false;
        }

        return was;
    }

    /// <summary>Sends a message through an alias. Never waits and never fails: if the alias is no longer valid, the message is dropped when it arrives.</summary>
    /// <remarks>In the order in which the sender sends, with or without the alias.</remarks>
    public static void Send(AliasRef alias, object message)
    {
        ArgumentNullException.ThrowIfNull(alias);
        ArgumentNullException.ThrowIfNull(message);
        alias.Owner.Post(new AliasSignal(alias, message));
    }
}
