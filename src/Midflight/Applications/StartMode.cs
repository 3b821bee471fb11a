namespace Midflight;

/// <summary>What the end of an application means for its node. Being stopped on request is no end in this sense.</summary>
public enum StartMode
{
    /// <summary>The node ends too.</summary>
    Permanent,

    /// <summary>The node ends too if the application ended abnormally: not as normal.</summary>
    Transient,

    /// <summary>It is logged, and no more.</summary>
    Temporary,
}
