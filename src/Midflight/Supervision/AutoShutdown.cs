namespace Midflight;

/// <summary>Whether a supervisor ends when its significant children have ended.</summary>
/// <remarks>
/// Only a child counts that ends by itself and is not restarted: a temporary child however it ends, and a transient child that ends with
/// normal or shutdown. A child that its supervisor stops, on request or with its siblings, does not count. The supervisor stops its other
/// children in order and ends with <see cref="ExitReason.Shutdown"/>. So a supervisor above it that has it as a permanent child restarts
/// it.
/// </remarks>
public enum AutoShutdown
{
    /// <summary>It does not end with them. No child may be significant.</summary>
    Never,

    /// <summary>It ends when one significant child has ended.</summary>
    AnySignificant,

    /// <summary>It ends when a significant child has ended and no other significant child is running.</summary>
    AllSignificant,
}

/// <summary>What <see cref="AutoShutdown"/> means for one child.</summary>
internal static class SignificantChild
{
    /// <summary>Why a child cannot be significant: OTP's <c>bad_combination</c>.</summary>
    /// <returns>Null if it can be, or is not significant.</returns>
    internal static string? Refuse(string supervisor, AutoShutdown rule, ChildSpec child) => child switch
    {
        { Significant: false } => null,
        { Restart: Restart.Permanent } =>
            $"Child '{child.Id}' of {supervisor} is significant but permanent, so it would always be restarted and never trigger the shutdown. Make it transient or temporary.",
        _ when rule == AutoShutdown.Never =>
            $"Child '{child.Id}' of {supervisor} is significant, but the supervisor's AutoShutdown is Never. Set AutoShutdown to AnySignificant or AllSignificant, or make the child not significant.",
        _ => null,
    };

    /// <summary>Whether the supervisor ends with a child that has ended and is not restarted.</summary>
    /// <param name="ended">The child.</param>
    /// <param name="rule">The supervisor's rule.</param>
    /// <param name="others">The children that are running or being restarted.</param>
    internal static bool IsTheLast(ChildSpec ended, AutoShutdown rule, IEnumerable<ChildSpec> others) => ended.Significant && rule switch
    {
        AutoShutdown.AnySignificant => true,
        AutoShutdown.AllSignificant => !others.Any(child => child.Significant),
        _ => false,
    };
}
