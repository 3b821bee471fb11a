namespace Midflight;

/// <summary>Which children a supervisor restarts when one of them ends.</summary>
public enum Strategy
{
    /// <summary>Only the one that ended.</summary>
    OneForOne,

    /// <summary>All: the others are stopped, in reverse order, then all are started, in order.</summary>
    OneForAll,

    /// <summary>The one that ended and those which stand behind it.</summary>
    RestForOne,
}
