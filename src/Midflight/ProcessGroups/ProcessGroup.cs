namespace Midflight;

/// <summary>Groups of processes by name: OTP's <c>pg</c>.</summary>
/// <remarks>
/// A group is there as long as it has members or is monitored. A process can join a group more than once, and leaves it as often, or all at
/// once when it ends. A scope is a set of groups apart from those of others. Members are of one node.
/// </remarks>
public static class ProcessGroup
{
    /// <summary>The scope of groups that name none: <c>pg</c>.</summary>
    public const string DefaultScope = "pg";

    /// <summary>Lets a process join a group. One that has ended does not.</summary>
    public static void Join(string group, Pid process, string scope = DefaultScope)
    {
        if (process.Cell is { } cell)
        {
            ProcessGroups.Of(scope).Join(group, cell);
        }
    }

    /// <summary>Lets a process leave a group, once.</summary>
    /// <returns>Whether it was in it.</returns>
    public static bool Leave(string group, Pid process, string scope = DefaultScope) => process.Cell is { } cell && ProcessGroups.Of(scope).Leave(group, cell);

    /// <summary>The members of a group, each as often as it has joined, in no order.</summary>
    public static IReadOnlyList<Pid> Members(string group, string scope = DefaultScope) => ProcessGroups.Of(scope).Members(group);

    /// <summary>The groups that have members.</summary>
    public static IReadOnlyList<string> Groups(string scope = DefaultScope) => ProcessGroups.Of(scope).Names;

    /// <summary>Asks for a <see cref="GroupChange"/> message whenever a process joins or leaves a group.</summary>
    /// <returns>What tells the messages of this monitor from others, and who is in the group now: each later change is a message.</returns>
    public static (GroupMonitor Monitor, IReadOnlyList<Pid> Members) Monitor(string group, string scope = DefaultScope) =>
        ProcessGroups.Of(scope).Monitor(group, Process.Here);

    /// <summary>The same for all groups of a scope.</summary>
    public static (GroupMonitor Monitor, IReadOnlyDictionary<string, IReadOnlyList<Pid>> Groups) MonitorScope(string scope = DefaultScope) =>
        ProcessGroups.Of(scope).MonitorAll(Process.Here);

    /// <summary>Stops a monitor of the calling process. Messages of it that have come may wait in the mailbox.</summary>
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

    /// <summary>The group; null for all of the scope.</summary>
    public string? Group { get; }

    /// <summary>Stops it.</summary>
    public void Dispose() => _groups.Demonitor(this);
}

/// <summary>A process has joined or left a group that is monitored.</summary>
/// <param name="Monitor">By which monitor.</param>
/// <param name="Group">Which group.</param>
/// <param name="Process">Which process.</param>
/// <param name="Joined">Whether it has joined; else it has left, or ended.</param>
public sealed record GroupChange(GroupMonitor Monitor, string Group, Pid Process, bool Joined);
