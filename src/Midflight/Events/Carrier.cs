namespace Midflight;

/// <summary>A message of Midflight's own around somebody else's value, which may be of hot code.</summary>
internal abstract record Carrier(object? Carried)
{
    /// <summary>That value. Set by the owner of the mailbox that holds the message.</summary>
    public object? Carried { get; set; } = Carried;
}
