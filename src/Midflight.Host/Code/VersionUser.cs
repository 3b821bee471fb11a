namespace Midflight.Host;

/// <summary>A process that keeps a code version from being purged.</summary>
/// <param name="Process">The process.</param>
/// <param name="Module">The module that it runs.</param>
/// <param name="Version">The code version that it runs.</param>
/// <param name="Application">The application of that version.</param>
/// <param name="Why">What keeps it there, worded to follow the pid.</param>
internal sealed record VersionUser(Pid Process, string Module, string Version, string Application, string Why)
{
    /// <summary>Whether it is a server in the middle of a callback, and moves on when the callback ends.</summary>
    internal bool IsInCallback { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Process} ({Module} of {Version}) {Why}";
}
