namespace Midflight.Host.Control.Requests;

/// <summary>Unpacks the package of a release.</summary>
/// <param name="Version">The version to unpack.</param>
internal sealed record UnpackRequest(string Version) : IControlRequest<UnpackReply>
{
    public static string Method => "unpack";

    public static bool Changes => true;
}

/// <param name="Name">The name of the release.</param>
/// <param name="Version">The version that is unpacked now.</param>
internal sealed record UnpackReply(string Name, string Version);
