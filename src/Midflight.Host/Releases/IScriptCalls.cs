using Midflight.Releases;

namespace Midflight.Host;

/// <summary>What a script needs of its node besides processes and code.</summary>
internal interface IScriptCalls
{
    /// <summary>Calls one.</summary>
    /// <returns>What undoes it; null where that is not possible or not needed.</returns>
    public Task<Func<Task>?> Carry(FunctionCall call);

    /// <summary>Puts version, environment and dependencies of the applications in place, and tells them what changed. While processes are suspended.</summary>
    /// <returns>What undoes it.</returns>
    public Task<Func<Task>?> Reconfigure();

    /// <summary>Waits for other nodes at a meeting of the script.</summary>
    /// <param name="meeting">Its id, as it stands in the script.</param>
    /// <param name="nodes">Who meets.</param>
    /// <exception cref="NodeSyncException">They do not meet.</exception>
    public Task Meet(string meeting, SyncedNodes nodes);
}
