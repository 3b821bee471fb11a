namespace Midflight;

/// <summary>The argument of an application's start.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Mode">What its end means for the node.</param>
public sealed record ApplicationStart(string Name, string Version, StartMode Mode);

/// <summary>An application of a node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Mode">What its end means for the node.</param>
/// <param name="Top">Its top supervisor; the pid of no process for a library.</param>
public sealed record RunningApplication(string Name, string Version, StartMode Mode, Pid Top);

/// <summary>An application ended by itself, and its node must end too.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode">Why its end matters.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record ApplicationExit(string Name, StartMode Mode, ExitReason Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"The {Mode.ToString().ToLowerInvariant()} application {Name} ended: {Reason}";
}
