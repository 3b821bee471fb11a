namespace Midflight;

// Monitors and aliases.
public static partial class Process
{
    /// <summary>Asks for a <see cref="Down"/> message when a process ends; at once if it has ended.</summary>
    public static MonitorRef Monitor(Pid process) => Begin(new MonitorRef(Here, process));

    /// <inheritdoc cref="Monitor(Pid)"/>
    /// <param name="process">The process.</param>
    /// <param name="options">What tells its message apart, and whether it comes with an alias.</param>
    public static MonitorRef Monitor(Pid process, MonitorOptions options) => Begin(MonitorRef.With(Here, process, null, options));

    /// <summary>Asks for a <see cref="Down"/> message when the process that has a name now ends; at once if none has it.</summary>
    /// <param name="name">The name, which the message says again.</param>
    /// <param name="options">What tells its message apart, and whether it comes with an alias. Default: none of both.</param>
    /// <remarks>It stays with that process, whoever gets the name later.</remarks>
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

    /// <summary>Stops monitoring. After it, no <see cref="Down"/> of it comes; one that has come may wait in the mailbox.</summary>
    /// <remarks>The monitor of another process is left as it is, as in OTP.</remarks>
    public static void Demonitor(MonitorRef monitor) => Demonitor(monitor, flush: false);

    /// <summary>Stops monitoring, and takes its <see cref="Down"/> out of the mailbox where it has come already: OTP's <c>[flush, info]</c>.</summary>
    /// <param name="monitor">A monitor of the calling process; that of another is left as it is.</param>
    /// <param name="flush">Whether to take the message out.</param>
    /// <returns>Whether the process was still monitored. False: its end had been told, or it was demonitored before.</returns>
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

    /// <summary>Gives others a way to send to the calling process that can be taken back: OTP's <c>alias</c>.</summary>
    /// <param name="until">How long it is good, if it is not taken back before. Default: <see cref="AliasUntil.Unaliased"/>.</param>
    /// <exception cref="ArgumentException">Until a monitor ends: that needs one, see <see cref="MonitorOptions.Alias"/>.</exception>
    public static AliasRef Alias(AliasUntil until = AliasUntil.Unaliased) => until == AliasUntil.MonitorEnds
        ? throw new ArgumentException("An alias that ends with a monitor needs a monitor. Create it with Process.Monitor and MonitorOptions.Alias.", nameof(until))
        : new AliasRef(Here, until);

    /// <summary>Takes an alias back: what comes by it from now on is dropped. What has come may wait in the mailbox.</summary>
    /// <returns>Whether it was good. That of another process is left as it is.</returns>
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

    /// <summary>Sends a message by an alias. Never waits, never fails: where the alias is no longer good the message is dropped as it arrives.</summary>
    /// <remarks>In the order in which the sender sends, by the alias or not.</remarks>
    public static void Send(AliasRef alias, object message)
    {
        ArgumentNullException.ThrowIfNull(alias);
        ArgumentNullException.ThrowIfNull(message);
        alias.Owner.Post(new AliasSignal(alias, message));
    }
}
