using Midflight.Releases;

namespace Midflight.Host;

/// <summary>What a script needs from its node besides processes and code.</summary>
internal interface IScriptCalls
{
    /// <summary>Carries out a call.</summary>
    /// <returns>Undoes it; null if that is impossible or not needed.</returns>
    public Task<Func<Task>?> Carry(FunctionCall call);

    /// <summary>Puts version, environment and dependencies of the applications in place, and tells them what has changed. Called while processes are suspended.</summary>
    /// <returns>Undoes it.</returns>
    public Task<Func<Task>?> Reconfigure();

    /// <summary>Waits for other nodes at a meeting of the script.</summary>
    /// <param name="meeting">Its id in the script.</param>
    /// <param name="nodes">The nodes that meet.</param>
    /// <exception cref="NodeSyncException">They do not meet.</exception>
    public Task Meet(string meeting, SyncedNodes nodes);
}
