namespace Midflight;

/// <summary>The code server of a node, as OTP has it. Implemented by the Host.</summary>
internal abstract class CodeControl
{
    /// <summary>The applications that have code loaded, by name.</summary>
    internal abstract IReadOnlyList<LoadedCode> AllLoaded();

    /// <summary>Drops the old version of an application.</summary>
    /// <param name="application">Its name.</param>
    /// <param name="kills">Whether processes that use it are killed; otherwise they prevent the purge.</param>
    /// <returns>Whether it is gone, and which processes used it.</returns>
    /// <exception cref="InvalidOperationException">An upgrade is in progress or on probation.</exception>
    internal abstract Task<(bool Gone, IReadOnlyList<Pid> Users)> PurgeOld(string application, bool kills);

    /// <summary>Makes the current version of an application old, and does nothing else.</summary>
    /// <inheritdoc cref="PurgeOld"/>
    internal abstract Task<bool> DeleteCurrent(string application);

    /// <summary>Modules whose file differs from the loaded code.</summary>
    internal abstract IReadOnlyList<string> Modified();
}
