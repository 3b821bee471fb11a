namespace Octochat;

internal static class Release
{
    /// <summary>What <c>?version</c> answers: so a client sees which code serves it.</summary>
    public const int Number = 1;
}
