namespace Midflight.Host.Control.Requests;

/// <summary>Asks whether the node serves. Answered only when all applications have started.</summary>
internal sealed record PingRequest : IControlRequest<PingReply>
{
    public static string Method => "ping";
}

/// <param name="Name">The name of the release.</param>
/// <param name="Version">The version that runs.</param>
/// <param name="Pid">The node's operating system process.</param>
internal sealed record PingReply(string Name, string Version, int Pid);
