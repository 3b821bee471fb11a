namespace Midflight;

/// <summary>Whether a supervisor ends when its significant children have.</summary>
/// <remarks>
/// Only a child that ends by itself counts, and is not started again: a temporary one however it ends, a transient one that ends as
/// normal or shutdown. One that its supervisor stops, on request or with its siblings, does not. The supervisor stops its other
/// children in order and ends with <see cref="ExitReason.Shutdown"/>; so a supervisor above that has it as a permanent child starts it
/// again.
/// </remarks>
public enum AutoShutdown
{
    /// <summary>It does not. No child may be significant.</summary>
    Never,

    /// <summary>When one significant child has ended.</summary>
    AnySignificant,

    /// <summary>When a significant child has ended, and no other significant one runs.</summary>
    AllSignificant,
}

/// <summary>What <see cref="AutoShutdown"/> means for one child.</summary>
internal static class SignificantChild
{
    /// <summary>Why a child cannot be significant: OTP's <c>bad_combination</c>.</summary>
    /// <returns>Null if it can be, or is not.</returns>
    internal static string? Refuse(string supervisor, AutoShutdown rule, ChildSpec child) => child switch
    {
        { Significant: false } => null,
        { Restart: Restart.Permanent } =>
            $"Child '{child.Id}' of {supervisor} is significant but permanent, so it would always be restarted and never trigger the shutdown. Make it transient or temporary.",
        _ when rule == AutoShutdown.Never =>
            $"Child '{child.Id}' of {supervisor} is significant, but the supervisor's AutoShutdown is Never. Set AutoShutdown to AnySignificant or AllSignificant, or make the child not significant.",
        _ => null,
    };

    /// <summary>Whether the supervisor ends with a child that ended and is not started again.</summary>
    /// <param name="ended">The child.</param>
    /// <param name="rule">The supervisor's.</param>
    /// <param name="others">Those that run, or are being started again.</param>
    internal static bool IsTheLast(ChildSpec ended, AutoShutdown rule, IEnumerable<ChildSpec> others) => ended.Significant && rule switch
    {
        AutoShutdown.AnySignificant => true,
        AutoShutdown.AllSignificant => !others.Any(child => child.Significant),
        _ => false,
    };
}
