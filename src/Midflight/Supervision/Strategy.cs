namespace Midflight;

/// <summary>Which children a supervisor restarts when one of them ends.</summary>
public enum Strategy
{
    /// <summary>Only the child that ended.</summary>
    OneForOne,

    /// <summary>All children: the others are stopped in reverse order, then all are started in order.</summary>
    OneForAll,

    /// <summary>The child that ended and those after it.</summary>
    RestForOne,
}
