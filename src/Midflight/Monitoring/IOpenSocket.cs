namespace Midflight;

/// <summary>A connection of a node, as <see cref="Node.Sockets"/> has it while it is open. Any thread.</summary>
internal interface IOpenSocket
{
    /// <summary>As shown to people.</summary>
    public string Kind { get; }

    /// <summary>The other side, as shown to people; null where that is not known.</summary>
    public string? Remote { get; }

    /// <summary>The process that owns it; null where that is not known yet.</summary>
    public Cell? OwnerCell { get; }

    /// <summary>Bytes that wait to be sent.</summary>
    public long Unsent { get; }
}
