namespace Midflight.Host.Control.Requests;

/// <summary>Stops the applications in reverse order, then the node. Answered before it begins.</summary>
internal sealed record StopRequest : IControlRequest<StopReply>
{
    public static string Method => "stop";

    public static bool Changes => true;
}

/// <param name="Pid">The operating system process that is about to end.</param>
internal sealed record StopReply(int Pid);
