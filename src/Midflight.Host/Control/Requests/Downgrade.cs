namespace Midflight.Host.Control.Requests;

/// <summary>Goes back to an earlier release, on the way down, and commits it.</summary>
/// <param name="Version">The release to go back to.</param>
/// <param name="Commit">Whether to make it permanent.</param>
/// <param name="Restart">Whether the node may restart where the downgrade cannot be made in flight.</param>
/// <param name="Together">Whether all processes of changed modules are suspended together, and change before any continues.</param>
internal sealed record DowngradeRequest(string Version, bool Commit = true, bool Restart = false, bool Together = false) : IControlRequest<InstallReply>
{
    public static string Method => "downgrade";

    public static bool Changes => true;
}
