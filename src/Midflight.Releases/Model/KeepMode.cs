namespace Midflight.Releases;

/// <summary>How a node keeps the code versions of an application.</summary>
public enum KeepMode
{
    /// <summary>A purged version gives its memory back; the code is slower. The default.</summary>
    Unloadable,

    /// <summary>Full speed; the code of every version stays until the node ends.</summary>
    Retained,
}
