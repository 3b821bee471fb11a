namespace Midflight;

/// <summary>How many restarts a supervisor tolerates before it gives up and ends.</summary>
public sealed record RestartIntensity
{
    /// <summary>1 restart within 5 s, as in OTP.</summary>
    public static readonly RestartIntensity Default = new(restarts: 1, within: TimeSpan.FromSeconds(5));

    /// <summary>Sets both limits.</summary>
    /// <param name="restarts">0 or more. 0 means the first failure ends the supervisor.</param>
    /// <param name="within">Length of the sliding window; more than zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">Either value is outside its range.</exception>
    public RestartIntensity(int restarts, TimeSpan within)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(restarts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(within, TimeSpan.Zero);
        (Restarts, Within) = (restarts, within);
    }

    /// <summary>Restarts tolerated within the window.</summary>
    public int Restarts { get; }

    /// <summary>Length of the sliding window.</summary>
    public TimeSpan Within { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Restarts} {(Restarts == 1 ? "restart" : "restarts")} within {Within.TotalSeconds:0.###} s";
}
