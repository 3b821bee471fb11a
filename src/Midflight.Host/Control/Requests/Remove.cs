namespace Midflight.Host.Control.Requests;

/// <summary>Removes a release that does not run, with those of its applications that no other release needs.</summary>
/// <param name="Version">The release to remove.</param>
internal sealed record RemoveRequest(string Version) : IControlRequest<RemoveReply>
{
    public static string Method => "remove";

    public static bool Changes => true;
}

/// <param name="Version">The release that is gone.</param>
internal sealed record RemoveReply(string Version);
