namespace Midflight;

/// <summary>What can be asked of the code of a node: OTP's code server. Implemented by the Host.</summary>
internal abstract class CodeControl
{
    /// <summary>The applications that have code loaded, by name.</summary>
    internal abstract IReadOnlyList<LoadedCode> AllLoaded();

    /// <summary>Drops the old version of an application.</summary>
    /// <param name="application">Its name.</param>
    /// <param name="kills">Whether processes that use it are killed; else they refuse.</param>
    /// <returns>Whether it is gone, and which processes used it.</returns>
    /// <exception cref="InvalidOperationException">An upgrade is under way or on probation.</exception>
    internal abstract Task<(bool Gone, IReadOnlyList<Pid> Users)> PurgeOld(string application, bool kills);

    /// <summary>Makes the current version of an application old, and no more.</summary>
    /// <inheritdoc cref="PurgeOld"/>
    internal abstract Task<bool> DeleteCurrent(string application);

    /// <summary>Modules whose file is another than that which is loaded.</summary>
    internal abstract IReadOnlyList<string> Modified();
}
