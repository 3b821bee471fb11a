namespace Midflight.Host;

/// <summary>How the nodes named by a script meet: OTP's <c>sync_nodes</c>. One for each node.</summary>
/// <remarks>
/// Either all nodes of a meeting continue, or none does. A node that cannot be reached, whose upgrade fails before it
/// arrives, or that does not arrive in time fails the upgrade of all, and each rolls itself back. What a node does after its last
/// meeting concerns only itself; so put whatever must happen together at the end of the script.
/// </remarks>
internal interface INodeSync
{
    /// <summary>The name of this node in scripts.</summary>
    public string Node { get; }

    /// <summary>An upgrade of this node starts: earlier failures, its own and those of others, no longer count.</summary>
    public void Begin();

    /// <summary>Waits until all nodes are at the same meeting.</summary>
    /// <param name="meeting">Its id, the same in the script of each node. It can be used again when all have met.</param>
    /// <param name="nodes">The nodes that meet, the same for each; this node may be left out.</param>
    /// <param name="timeout">The longest wait; more than zero.</param>
    /// <exception cref="NodeSyncException">They do not meet; the message names the node and says why.</exception>
    public Task Meet(string meeting, IReadOnlyCollection<string> nodes, TimeSpan timeout);

    /// <summary>The upgrade of this node has failed: nodes that wait for it fail at once, and so do nodes that started before and arrive to meet it.</summary>
    /// <param name="why">A whole sentence.</param>
    public void Fail(string why);
}

/// <summary>The nodes named by a script did not meet.</summary>
internal sealed class NodeSyncException(string message) : Exception(message);
