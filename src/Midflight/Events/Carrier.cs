namespace Midflight;

/// <summary>A message of Midflight's own around a value of somebody else's, which may be of hot code.</summary>
internal abstract record Carrier(object? Carried)
{
    /// <summary>That value. Set by the owner of the mailbox in which the message waits.</summary>
    public object? Carried { get; set; } = Carried;
}
