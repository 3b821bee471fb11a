namespace Midflight;

/// <summary>When a supervisor starts a child again that has ended.</summary>
public enum Restart
{
    /// <summary>Always.</summary>
    Permanent,

    /// <summary>If it ended abnormally: not as normal or shutdown.</summary>
    Transient,

    /// <summary>Never; its supervisor forgets it.</summary>
    Temporary,
}
