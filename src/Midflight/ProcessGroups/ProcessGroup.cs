namespace Midflight;

/// <summary>Groups of processes by name: OTP's <c>pg</c>.</summary>
/// <remarks>
/// A group exists while it has members or is monitored. A process can join a group several times. It leaves once for each time, or completely
/// when it ends. A scope is a separate set of groups. Members belong to one node.
/// </remarks>
public static class ProcessGroup
{
    /// <summary>The default scope: <c>pg</c>.</summary>
    public const string DefaultScope = "pg";

    /// <summary>Lets a process join a group. A process that has ended does not join.</summary>
    public static void Join(string group, Pid process, string scope = DefaultScope)
    {
        if (process.Cell is { } cell)
        {
            ProcessGroups.Of(scope).Join(group, cell);
        }
    }

    /// <summary>Lets a process leave a group, once.</summary>
    /// <returns>Whether it was a member.</returns>
    public static bool Leave(string group, Pid process, string scope = DefaultScope) => process.Cell is { } cell && ProcessGroups.Of(scope).Leave(group, cell);

    /// <summary>The members of a group, each as often as it has joined, in no particular order.</summary>
    public static IReadOnlyList<Pid> Members(string group, string scope = DefaultScope) => ProcessGroups.Of(scope).Members(group);

    /// <summary>The groups that have members.</summary>
    public static IReadOnlyList<string> Groups(string scope = DefaultScope) => ProcessGroups.Of(scope).Names;

    /// <summary>Requests a <see cref="GroupChange"/> message whenever a process joins or leaves a group.</summary>
    /// <returns>The monitor, which identifies its messages, and the current members. Each later change is a message.</returns>
    public static (GroupMonitor Monitor, IReadOnlyList<Pid> Members) Monitor(string group, string scope = DefaultScope) =>
        ProcessGroups.Of(scope).Monitor(group, Process.Here);

    /// <summary>The same for all groups of a scope.</summary>
    public static (GroupMonitor Monitor, IReadOnlyDictionary<string, IReadOnlyList<Pid>> Groups) MonitorScope(string scope = DefaultScope) =>
        ProcessGroups.Of(scope).MonitorAll(Process.Here);

    /// <summary>Stops a monitor of the calling process. Messages that have already arrived may still be in the mailbox.</summary>
    public static void Demonitor(GroupMonitor monitor)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        Process.Here.Bonds.Owned.Remove(monitor);
        monitor.Dispose();
    }
}

/// <summary>One monitor of a group, or of all groups of a scope.</summary>
public sealed class GroupMonitor : IDisposable
{
    private readonly ProcessGroups _groups;

    internal GroupMonitor(ProcessGroups groups, Cell watcher, string? group) => (_groups, Watcher, Group) = (groups, watcher, group);

    internal Cell Watcher { get; }

    /// <summary>The group; null for all groups of the scope.</summary>
    public string? Group { get; }

    /// <summary>Stops it.</summary>
    public void Dispose() => _groups.Demonitor(this);
}

/// <summary>A process has joined or left a monitored group.</summary>
/// <param name="Monitor">The monitor.</param>
/// <param name="Group">The group.</param>
/// <param name="Process">The process.</param>
/// <param name="Joined">Whether it has joined; otherwise it has left, or ended.</param>
public sealed record GroupChange(GroupMonitor Monitor, string Group, Pid Process, bool Joined);
