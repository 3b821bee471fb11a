namespace Midflight;

/// <summary>What the end of an application means for its node. Being stopped on request does not count as an end.</summary>
public enum StartMode
{
    /// <summary>The node ends too.</summary>
    Permanent,

    /// <summary>The node ends too if the application ended abnormally.</summary>
    Transient,

    /// <summary>The end is only logged.</summary>
    Temporary,
}
