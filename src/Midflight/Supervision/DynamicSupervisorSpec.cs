namespace Midflight;

/// <summary>The result of a dynamic supervisor's Init.</summary>
public sealed record DynamicSupervisorSpec
{
    /// <summary>Maximum number of running children; 0 or more. Default: no limit but memory.</summary>
    public int MaxChildren { get; init; } = int.MaxValue;

    /// <summary>How many restarts are tolerated. Default: <see cref="RestartIntensity.Default"/>, 1 within 5 s.</summary>
    public RestartIntensity Intensity { get; init; } = RestartIntensity.Default;

    /// <summary>Whether it ends when its significant children have ended. Default: <see cref="AutoShutdown.Never"/>.</summary>
    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>The supervisor does not start, and this is not a failure. In a change of code: the supervisor stays as it was.</summary>
    public static DynamicSupervisorSpec Ignore { get; } = new();
}
