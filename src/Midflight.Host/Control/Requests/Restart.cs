namespace Midflight.Host.Control.Requests;

/// <summary>Stops the node as <see cref="StopRequest"/> does; the command then starts the permanent release.</summary>
internal sealed record RestartRequest : IControlRequest<StopReply>
{
    public static string Method => "restart";

    public static bool Changes => true;
}
