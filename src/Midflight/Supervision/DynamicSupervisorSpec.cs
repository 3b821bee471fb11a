namespace Midflight;

/// <summary>What a dynamic supervisor's Init returns.</summary>
public sealed record DynamicSupervisorSpec
{
    /// <summary>Children that may run at once; 0 or more. Default: as many as there is memory for.</summary>
    public int MaxChildren { get; init; } = int.MaxValue;

    /// <summary>Restarts that are borne. Default: <see cref="RestartIntensity.Default"/>, 1 within 5 s.</summary>
    public RestartIntensity Intensity { get; init; } = RestartIntensity.Default;

    /// <summary>Whether it ends when its significant children have. Default: <see cref="AutoShutdown.Never"/>.</summary>
    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>The supervisor does not start, and that is no failure. From a change of code: it stays as it was.</summary>
    public static DynamicSupervisorSpec Ignore { get; } = new();
}
