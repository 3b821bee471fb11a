namespace Midflight.Host;

/// <summary>How the nodes that a script names meet: OTP's <c>sync_nodes</c>. One for each node.</summary>
/// <remarks>
/// Either all nodes of a meeting go on, or none does: one that cannot be reached, that fails its upgrade before it
/// comes, or that does not come in time fails the upgrade of all, and each rolls itself back. What a node does behind its last
/// meeting is its own affair; so the last thing to happen together stands at the end of the script.
/// </remarks>
internal interface INodeSync
{
    /// <summary>The name by which scripts know this node.</summary>
    public string Node { get; }

    /// <summary>An upgrade of this node begins: failures before, its own and those of others, no longer count.</summary>
    public void Begin();

    /// <summary>Waits until each of the nodes is at the same meeting.</summary>
    /// <param name="meeting">Its id, the same in the script of each node. It can be used again when all have met.</param>
    /// <param name="nodes">Who meets, the same for each; this node may be left out.</param>
    /// <param name="timeout">The longest wait; more than zero.</param>
    /// <exception cref="NodeSyncException">They do not meet; the message names the node and says why.</exception>
    public Task Meet(string meeting, IReadOnlyCollection<string> nodes, TimeSpan timeout);

    /// <summary>The upgrade of this node has failed: whoever waits for it fails at once, and so does whoever has begun before and comes to meet it.</summary>
    /// <param name="why">A whole sentence.</param>
    public void Fail(string why);
}

/// <summary>The nodes that a script names did not meet.</summary>
internal sealed class NodeSyncException(string message) : Exception(message);
