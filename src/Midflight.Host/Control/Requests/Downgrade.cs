namespace Midflight.Host.Control.Requests;

/// <summary>Goes back to an earlier release, on the way down, and commits it.</summary>
/// <param name="Version">The release to go back to.</param>
/// <param name="Commit">Whether to make it permanent.</param>
internal sealed record DowngradeRequest(string Version, bool Commit = true) : IControlRequest<InstallReply>
{
    public static string Method => "downgrade";
}
