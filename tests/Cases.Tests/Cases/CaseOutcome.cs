namespace Midflight.Cases;

/// <summary>What came of a case.</summary>
/// <param name="Name">The case.</param>
/// <param name="Kind">Whether it is right.</param>
/// <param name="Text">What new code said, why it was refused, or what went wrong.</param>
internal sealed record CaseOutcome(string Name, OutcomeKind Kind, string Text);

/// <summary>Whether a case is right.</summary>
internal enum OutcomeKind
{
    /// <summary>Nothing was asked of it; it says what happened, and does not count.</summary>
    Told,

    /// <summary>The right value; or a refusal where the value cannot be known.</summary>
    Right,

    /// <summary>A refusal where there is a right value.</summary>
    Refused,

    /// <summary>A wrong value, or a failure that is no refusal.</summary>
    Wrong,
}
