namespace Midflight;

/// <summary>When a supervisor restarts a child that has ended.</summary>
public enum Restart
{
    /// <summary>Always.</summary>
    Permanent,

    /// <summary>Only if it ended abnormally, not with normal or shutdown.</summary>
    Transient,

    /// <summary>Never; the supervisor forgets the child.</summary>
    Temporary,
}
