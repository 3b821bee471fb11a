namespace Midflight.Releases;

/// <summary>How an application of a release is started, and what its end means for the node.</summary>
public enum StartType
{
    /// <summary>Started; the node ends when the application ends. The default.</summary>
    Permanent,

    /// <summary>Started; the node ends when the application ends abnormally.</summary>
    Transient,

    /// <summary>Started; its end is only logged.</summary>
    Temporary,

    /// <summary>Its code and its specification are loaded; it is not started.</summary>
    Load,

    /// <summary>Its code is loaded; neither its specification nor the application is.</summary>
    None,
}
