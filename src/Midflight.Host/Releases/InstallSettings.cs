namespace Midflight.Host;

/// <summary>How a release is installed.</summary>
internal sealed record InstallSettings
{
    /// <summary>Without probation, and committed.</summary>
    internal static readonly InstallSettings Default = new();

    /// <summary>
    /// Whether the node may restart where the script says so: connections and states go. Default: false, such a release is refused.
    /// </summary>
    internal bool MayRestart { get; init; }

    /// <summary>
    /// Whether live values may lose what dropped members hold, though the new code does not say with <see cref="DroppedAttribute"/> that this is meant.
    /// Default: false, the upgrade is refused, with each such member. On the way down it does not matter.
    /// </summary>
    internal bool AllowLoss { get; init; }

    /// <summary>
    /// Whether all processes of changed modules are suspended together, and change before any continues. The upgrade is then planned here, whatever scripts the
    /// releases have. Default: false, only those that have to be suspended are.
    /// </summary>
    internal bool Together { get; init; }

    /// <summary>Whether to make it permanent when all went well. Default: true.</summary>
    internal bool Commit { get; init; } = true;

    /// <summary>The longest probation: 30 days.</summary>
    internal static readonly TimeSpan LongestProbation = TimeSpan.FromDays(30);

    /// <summary>How long the new code is watched before. Zero to <see cref="LongestProbation"/>; default: zero, not at all.</summary>
    internal TimeSpan Probation { get; init; }

    /// <summary>A probation of some seconds.</summary>
    /// <exception cref="ReleaseRefusedException">It is out of range.</exception>
    internal static TimeSpan ProbationOf(double seconds) => seconds >= 0 && seconds <= LongestProbation.TotalSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new ReleaseRefusedException(new ReleaseRefusal.BadProbation(seconds, LongestProbation.TotalSeconds));

    /// <summary>Processes of the new code that may end abnormally during probation. Zero or more; default: 3.</summary>
    internal int MostCrashes { get; init; } = 3;

    /// <summary>How long a process may take to be suspended, unless its update instruction says otherwise. More than zero; default: 5 s.</summary>
    internal TimeSpan SuspendTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a process may take for its code change, conversion included; one that does not come out fails the upgrade within twice
    /// that time, and is ended. More than zero; default: 5 s.
    /// </summary>
    internal TimeSpan CodeChangeTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
