namespace OctochatClient;

/// <summary>What a crowd of clients has seen during one step.</summary>
/// <param name="Echoes">Lines that were answered.</param>
/// <param name="LongestWait">From a line sent to its answer; lines that still wait count with what they have waited so far.</param>
/// <param name="Dropped">Connections that the server closed or reset.</param>
/// <param name="Wrong">Answers that were not the one expected.</param>
public sealed record Tally(long Echoes, TimeSpan LongestWait, int Dropped, int Wrong)
{
    public bool IsClean => Dropped == 0 && Wrong == 0;
}
